// `gyre run`: a working copy's config on this machine, without a server.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/leftovers.h"
#include "support/repository.h"
#include "support/server.h"
#include "support/story.h"

namespace gyre::test {
namespace {

constexpr const char* two_jobs = R"yml(version: 2
jobs:
  build:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - checkout
      - run: cat committed.txt uncommitted.txt
      - run: {name: Make, command: "echo handed on > made.txt"}
      - persist_to_workspace: {root: ., paths: [made.txt]}
  test:
    docker: [{image: debian:12}]
    resource_class: small
    parallelism: 2
    steps:
      - attach_workspace: {at: .}
      - run: echo "task $CIRCLE_NODE_INDEX has $(cat made.txt)"
workflows:
  version: 2
  all:
    jobs: [build, {test: {requires: [build]}}]
)yml";

class LocalRun : public testing::Test {
protected:
    ~LocalRun() override {
        if (!directory_.empty() && !HasFailure()) std::filesystem::remove_all(directory_);
    }

    void prepare(const User& user, const std::string& config) {
        adopt_orphans();
        user_ = user;
        directory_ = make_directory_for(user);
        repository_ = std::make_unique<Repository>(directory_, user);
        repository_->write(".circleci/config.yml", config);
        repository_->write("committed.txt", "this is committed\n");
        repository_->commit("first");
        repository_->write("uncommitted.txt", "this is not committed\n");
        server_ = std::make_unique<Server>(directory_, ServerSettings{.user = user});  // for its programs; not started
    }
    Finished gyre_run(std::vector<std::string> words = {}) {
        words.insert(words.begin(), {"run", "--sandbox", "host", "--docker-socket", directory_ + "/no-engine"});
        return server_->gyre(words, repository_->copy());
    }
    void everything_runs() {
        const Finished done = gyre_run();
        EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
        for (const char* text : {"this is committed", "this is not committed", "task 0 has handed on",
                                 "task 1 has handed on", "build", "test"})
            EXPECT_NE(done.out.find(text), std::string::npos) << "'" << text << "' is not in:\n" << done.out;
        EXPECT_EQ(repository_->git({"status", "--porcelain"}), "?? uncommitted.txt\n");
        EXPECT_EQ(described(descendants()), "");
        EXPECT_THAT(mounts_below(directory_), testing::IsEmpty());
    }

    User user_;
    std::string directory_;
    std::unique_ptr<Repository> repository_;
    std::unique_ptr<Server> server_;
};

TEST_F(LocalRun, runs_what_is_in_the_working_copy) {
    prepare(current_user(), two_jobs);
    everything_runs();
}

TEST_F(LocalRun, works_for_an_ordinary_user) {
    if (const auto missing = ordinary_user_needs(); !missing.empty()) GTEST_SKIP() << missing;
    prepare(ordinary_user(), two_jobs);
    everything_runs();
}

TEST_F(LocalRun, exits_with_1_when_a_step_fails_and_runs_one_job_alone) {
    prepare(current_user(), R"yml(version: 2
jobs:
  good:
    docker: [{image: debian:12}]
    steps: [{run: echo fine}]
  bad:
    docker: [{image: debian:12}]
    steps: [{run: "echo about to fail; exit 7"}, {run: echo not reached}, {run: {command: echo afterwards, when: on_fail}}]
workflows: {version: 2, all: {jobs: [good, bad]}}
)yml");
    const Finished bad = gyre_run({"--job", "bad"});
    EXPECT_EQ(bad.exit_code, 1) << bad.out << bad.err;
    EXPECT_NE(bad.out.find("about to fail"), std::string::npos) << bad.out;
    EXPECT_EQ(bad.out.find("\nnot reached"), std::string::npos) << bad.out;
    EXPECT_NE(bad.out.find("afterwards"), std::string::npos) << bad.out;
    EXPECT_EQ(bad.out.find("fine\n"), std::string::npos) << bad.out;
    EXPECT_EQ(gyre_run({"--job", "good"}).exit_code, 0);
}

TEST_F(LocalRun, exits_with_2_and_the_place_when_the_config_is_wrong) {
    prepare(current_user(), "version: 2\njobs: {build: {docker: [{image: a}], steps: [chekout]}}\n");
    const Finished wrong = gyre_run();
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_NE((wrong.out + wrong.err).find("config.yml:2:"), std::string::npos) << wrong.out << wrong.err;
}

TEST_F(LocalRun, says_which_approval_it_waits_for_and_goes_on_with_it) {
    prepare(current_user(), R"yml(version: 2
jobs:
  ship:
    docker: [{image: debian:12}]
    steps: [{run: echo shipped}]
workflows: {version: 2, all: {jobs: [{hold: {type: approval}}, {ship: {requires: [hold]}}]}}
)yml");
    const Finished waits = gyre_run();
    EXPECT_EQ(waits.exit_code, 4) << waits.out << waits.err;
    EXPECT_NE(waits.err.find("--approve hold"), std::string::npos) << waits.err;
    EXPECT_EQ(waits.out.find("shipped"), std::string::npos) << waits.out;
    const Finished goes_on = gyre_run({"--approve", "hold"});
    EXPECT_EQ(goes_on.exit_code, 0) << goes_on.out << goes_on.err;
    EXPECT_NE(goes_on.out.find("shipped"), std::string::npos) << goes_on.out;
}

// A config with one job that stands before the gate.
std::string waiting(const Gate& gate) {
    return "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
           "      - run: |\n          " +
           gate.command() + "\n";
}

void signal_gyre_run(int signal) {
    int found = 0;
    for (const auto& process : descendants()) {
        if (process.program != "gyre") continue;
        ::kill(process.id, signal);
        ++found;
    }
    EXPECT_EQ(found, 1);
}

TEST_F(LocalRun, that_is_killed_takes_its_agent_and_its_job_along) {
    Gate gate;
    prepare(current_user(), waiting(gate));
    std::thread running([this] { gyre_run(); });
    gate.wait();
    signal_gyre_run(SIGKILL);
    running.join();
    eventually("nothing of it runs", [] { return descendants().empty(); });
    EXPECT_THAT(mounts_below(directory_), testing::IsEmpty());
}

TEST_F(LocalRun, says_which_signal_canceled_it) {
    Gate gate;
    prepare(current_user(), waiting(gate));
    Finished done;
    std::thread running([&] { done = gyre_run(); });
    gate.wait();
    signal_gyre_run(SIGTERM);
    running.join();
    EXPECT_EQ(done.exit_code, 130) << done.out << done.err;
    EXPECT_NE(done.err.find("canceling, as SIGTERM asks"), std::string::npos) << done.err;
    EXPECT_EQ(done.err.find("Ctrl-C"), std::string::npos) << done.err;
}

}  // namespace
}  // namespace gyre::test
