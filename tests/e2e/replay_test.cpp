// What a job ran with, two runs compared, and a job of the server run again on a machine that has none of its caches.

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "agent/ssh/guest_in_test.h"
#include "support/leftovers.h"
#include "support/story.h"

namespace gyre::test {
namespace {

constexpr const char* two_jobs = R"yml(version: 2.1
jobs:
  build:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - checkout
      - run: mkdir -p ~/deps && cp library.txt ~/deps/ && echo handed on > made.txt
      - save_cache: {key: "deps-{{ checksum \"library.txt\" }}", paths: [~/deps]}
      - persist_to_workspace: {root: ., paths: [made.txt]}
  test:
    docker: [{image: debian:12}]
    resource_class: small
    environment: {WANTED: three}
    steps:
      - checkout
      - restore_cache: {keys: [deps-]}
      - attach_workspace: {at: ~/given}
      - run: {name: Prepare, command: "echo prepared > prepared.txt; echo \"export HANDED=$(cat ~/given/made.txt | tr ' ' -)\" >> $BASH_ENV"}
      - run: {name: Test, command: "echo \"$HANDED\"; echo \"wanted $WANTED, found $(cat ~/deps/library.txt)\"; exit 7"}
      - run: {name: Afterwards, command: "echo never"}
      - run: {name: Tell, command: "echo it failed", when: on_fail}
workflows:
  all:
    jobs: [build, {test: {requires: [build]}}]
)yml";

class Replay : public Story {
protected:
    void SetUp() override {
        start();
        config(two_jobs);
        repository().write("library.txt", "two\n");
        first_ = std::make_unique<Pipeline>(push("first"));
        EXPECT_EQ(first_->wait().status(), "failed");
        expect_job("test").failed().printed("wanted three, found two");
        home_ = directory() + "/another-home";
        std::filesystem::create_directories(home_);
    }
    ~Replay() override {
        if (!HasFailure() && !home_.empty()) std::filesystem::remove_all(home_);
    }

    static std::string number_of(const Pipeline& pipeline, const std::string& job) {
        return std::to_string(number_at(pipeline.job(job), "job_number"));
    }
    // As on another machine: no cache, no data of the server's.
    Finished elsewhere(std::vector<std::string> words, const std::string& input = "") {
        words.insert(words.begin(), bin_directory() + "/gyre");
        return run_as({.argv = std::move(words),
                       .home = home_,
                       .directory = home_,
                       .environment = {"GYRE_SERVER=" + server().url(), "GYRE_TOKEN=" + server().token()},
                       .input = input});
    }
    Finished replay(std::vector<std::string> more = {}, const std::string& input = "") {
        std::vector<std::string> words{"replay", "git/app",         number_of(*first_, "test"), "--sandbox",
                                       "host",   "--docker-socket", home_ + "/no-engine"};
        words.insert(words.end(), more.begin(), more.end());
        return elsewhere(std::move(words), input);
    }
    static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
    // What stands between a step's header and its end, without the mark in front of each line.
    static std::string printed_by(const std::string& out, const std::string& step) {
        std::istringstream lines(out);
        std::string text;
        bool inside = false;
        for (std::string line; std::getline(lines, line);) {
            const auto mark = line.find(" | ");
            if (mark == std::string::npos) continue;
            line.erase(0, mark + 3);
            if (line.starts_with("-- ")) inside = false;
            if (inside) text += line + "\n";
            if (line == "== " + step) inside = true;
        }
        return text;
    }

    std::unique_ptr<Pipeline> first_;
    std::string home_;
};

TEST_F(Replay, fails_in_the_same_step_with_the_same_output_on_a_machine_without_the_jobs_caches) {
    repository().write("library.txt", "another\n");
    const Pipeline second = push("second");  // its cache is newer, and would be found by the same key
    EXPECT_EQ(second.wait().status(), "failed");
    expect_job("test").printed("wanted three, found another");

    const Finished done = replay();
    EXPECT_EQ(done.exit_code, 1) << done.out << done.err;
    for (const char* step : {"Restoring Cache", "Attaching Workspace", "Prepare", "Test", "Tell"})
        EXPECT_EQ(printed_by(done.out, step), first_->output("test", step)) << step << "\n" << done.out << done.err;
    EXPECT_TRUE(has(printed_by(done.out, "Test"), "handed-on\nwanted three, found two\n")) << done.out;
    EXPECT_TRUE(has(done.out, "failed in")) << done.out;
    EXPECT_TRUE(has(done.out, "exit code 7")) << done.out;
    EXPECT_TRUE(has(done.out, "-- Afterwards: skipped")) << done.out;
    EXPECT_TRUE(has(done.out, "it ran with the same as on the server, and ended alike")) << done.out << done.err;
    EXPECT_TRUE(has(done.out, "fetched the cache 'deps-")) << done.out;

    const Finished again = replay();
    EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
    EXPECT_FALSE(has(again.out, "fetched")) << "everything is here: " << again.out;
    EXPECT_EQ(printed_by(again.out, "Test"), printed_by(done.out, "Test"));
    const Finished told = replay({"--json"});
    EXPECT_EQ(told.out, "{\"status\":\"failed\",\"differences\":[]}\n") << told.err;
    EXPECT_EQ(printed_by(told.err, "Test"), printed_by(done.out, "Test"));
    EXPECT_THAT(mounts_below(directory()), testing::IsEmpty());
}

TEST_F(Replay, begins_at_a_step_with_what_fills_the_files_before_it) {
    const Finished done = replay({"--from", "Test"});
    EXPECT_EQ(done.exit_code, 1) << done.out << done.err;
    EXPECT_TRUE(has(done.out, "-- Prepare: skipped")) << done.out;
    EXPECT_TRUE(has(printed_by(done.out, "Test"), "wanted three, found two\n")) << done.out;
    EXPECT_FALSE(has(printed_by(done.out, "Test"), "handed-on")) << "what Prepare did is not done";
    EXPECT_TRUE(has(done.out, "NOT AS ON THE SERVER")) << done.out;
    const Finished wrong = replay({"--from", "Tset"});
    EXPECT_EQ(wrong.exit_code, 2) << wrong.out << wrong.err;
    EXPECT_TRUE(has(wrong.err, "105  Test")) << wrong.err;
}

TEST_F(Replay, opens_a_shell_in_the_jobs_place_when_a_step_failed) {
    if (!agent::testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
    const Finished done =
        replay({"--shell"}, "echo \"in $CIRCLE_JOB: $(cat ~/given/made.txt), $(cat prepared.txt)\"\n");
    EXPECT_EQ(done.exit_code, 1) << done.out << done.err;
    EXPECT_TRUE(has(done.out, "in test: handed on, prepared\n")) << done.out << done.err;
    const Finished instead =
        replay({"--from", "Test", "--shell"}, "ls prepared.txt || echo \"not run; found $(cat ~/deps/library.txt)\"\n");
    EXPECT_EQ(instead.exit_code, 0) << instead.out << instead.err;
    EXPECT_TRUE(has(instead.out, "not run; found two\n")) << instead.out << instead.err;
    EXPECT_TRUE(has(instead.out, "-- Test: skipped")) << instead.out;
}

TEST_F(Replay, says_when_there_is_no_manifest_and_refuses_values_on_the_command_line) {
    const Finished none = elsewhere({"replay", "git/app", "99"});
    EXPECT_EQ(none.exit_code, 3) << none.out << none.err;
    for (const auto& [secret, said] : std::vector<std::pair<std::string, std::string>>{{"TOKEN=value", "NAME=@FILE"},
                                                                                       {"TOKEN=@/no/such", "/no/such"}})
        EXPECT_TRUE(has(replay({"--secret", secret}).err, said)) << secret;
}

TEST_F(Replay, is_of_what_the_manifest_shows_and_two_runs_are_compared) {
    const auto gyre = [&](std::vector<std::string> words) { return server().gyre(std::move(words)); };
    const Finished shown = gyre({"jobs", "manifest", "git/app", number_of(*first_, "test")});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    for (const char* part : {"job         test", "sandbox", "WANTED=three", "deps-", "of build", "EXIT", "Test"})
        EXPECT_TRUE(has(shown.out, part)) << part << " is not in\n" << shown.out;
    const Finished raw = gyre({"jobs", "manifest", "git/app", number_of(*first_, "test"), "--json"});
    EXPECT_EQ(text_at(*parse_json(raw.out), "manifest.executor"), "sandbox");

    repository().write("library.txt", "three\n");
    const Pipeline second = push("second");
    second.wait();
    const auto compare = [&](const Pipeline& one, const Pipeline& other, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"jobs", "diff", "git/app", number_of(one, "test"), number_of(other, "test")};
        words.insert(words.end(), more.begin(), more.end());
        return gyre(words);
    };
    const Finished differ = compare(*first_, second);
    EXPECT_EQ(differ.exit_code, 1) << differ.out << differ.err;
    EXPECT_TRUE(has(differ.out, "commit")) << differ.out;
    EXPECT_TRUE(has(differ.out, "cache of step 102")) << differ.out;
    EXPECT_FALSE(has(differ.out, "CIRCLE_BUILD_NUM")) << differ.out;
    EXPECT_TRUE(compare(*first_, second, {"--json"}).out.starts_with("{\"differences\":[{\"what\":\"commit\""));
    const Finished alike = compare(*first_, *first_);
    EXPECT_EQ(alike.exit_code, 0) << alike.out << alike.err;
    // The command that lists jobs is still there.
    EXPECT_TRUE(has(gyre({"jobs", first_->workflow()}).out, "build"));
    EXPECT_EQ(gyre({"jobs"}).exit_code, 2);
}

}  // namespace
}  // namespace gyre::test
