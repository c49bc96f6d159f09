// What pushes make: one pipeline each, whatever happens to the refs, the hook and the server in between.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <future>

#include "base/fd.h"
#include "support/eventually.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class Pushes : public Story {
protected:
    // "main" or "v1" of each pipeline, the oldest first.
    std::vector<std::string> built() {
        std::vector<std::string> names;
        const json::value items = at(server().get("/api/v2/project/git%2Fapp/pipeline?limit=100"), "items");
        for (const auto& pipeline : items.as_array()) {
            const std::string branch = text_at(pipeline, "vcs.branch");
            names.push_back(branch.empty() ? text_at(pipeline, "vcs.tag") : branch);
        }
        std::reverse(names.begin(), names.end());
        return names;
    }
    void commit_config() {
        config(
            "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
            "      - checkout\n      - run: echo \"on $CIRCLE_BRANCH\"\n");
        repository().commit("config");
    }
    // `git push origin +what:ref`, which the hook announces.
    void push_ref(const std::string& what, const std::string& ref) {
        repository().git({"push", "-q", "origin", "+" + what + ":" + ref});
    }
};

TEST_F(Pushes, of_a_branch_that_goes_back_and_forth_make_a_pipeline_each) {
    start();
    commit_config();
    const std::string first = repository().commit("first");
    const std::string second = repository().commit("second");
    for (const auto& revision : {first, second, first, second, first}) push_ref(revision, "refs/heads/flip");
    for (int again = 0; again < 2; ++again) {
        push_ref(first, "refs/heads/short");
        push_ref("", "refs/heads/short");
    }
    EXPECT_EQ(built(), (std::vector<std::string>{"flip", "flip", "flip", "flip", "flip", "short", "short"}));
}

TEST_F(Pushes, of_branches_with_odd_names_run_or_say_why_they_do_not) {
    start();
    commit_config();
    for (const std::string name : {"-x", "HEAD"}) {
        push_ref("HEAD", "refs/heads/" + name);
        EXPECT_EQ(newest().wait().status(), "success") << name;
        expect_job("build").printed("on " + name);
    }
    push_ref("HEAD", "refs/heads/caf\xe9");
    EXPECT_EQ(text_at(newest().facts(), "state"), "errored");
    EXPECT_NE(json::serialize(newest().facts()).find("is not UTF-8"), std::string::npos);
    EXPECT_EQ(built().back(), "caf\\xe9");
}

TEST_F(Pushes, of_an_annotated_tag_make_one_pipeline_also_where_the_remote_is_polled) {
    start({.flags = {"--poll-interval-ms", "20"}});
    ASSERT_EQ(server().gyre({"project", "add", "git/polled", repository().bare()}).exit_code, 0);
    ASSERT_EQ(server().gyre({"project", "hook", "git/polled", repository().bare()}).exit_code, 0);
    const auto polled = [&] {
        const json::value items = at(server().get("/api/v2/project/git%2Fpolled/pipeline"), "items");
        return items.as_array().size();
    };
    commit_config();
    repository().git({"tag", "-a", "v1", "-m", "v1"});
    push_ref("v1", "refs/tags/v1");
    ASSERT_EQ(polled(), 1U);
    ASSERT_EQ(server().gyre({"project", "hook", "git/polled", "--revoke"}).exit_code, 0);
    push_ref("HEAD", "refs/heads/main");
    eventually("a look at all refs, the tag's too", [&] { return polled() > 1; });
    EXPECT_EQ(polled(), 2U);
}

TEST_F(Pushes, that_nobody_could_announce_are_found_at_the_next_one_and_at_the_servers_start) {
    start();
    commit_config();
    ASSERT_EQ(server().gyre({"project", "hook", "git/app", "--revoke"}).exit_code, 0);
    repository().push("nobody hears of it", "lost");
    EXPECT_NE(repository().said().find("no pipeline yet for refs/heads/lost"), std::string::npos)
        << repository().said();
    EXPECT_TRUE(built().empty());

    ASSERT_EQ(server().gyre({"project", "hook", "git/app", repository().bare()}).exit_code, 0);
    repository().push("heard of", "main");
    eventually("the lost push is found", [&] { return built() == std::vector<std::string>{"main", "lost"}; });

    server().kill();
    repository().push("while the server is away", "away");
    server().start();
    eventually("the start looks for what it missed", [&] {
        return built() == std::vector<std::string>{"main", "lost", "away"};
    });
}

TEST_F(Pushes, come_from_a_remote_whose_password_was_never_an_argument) {
    start();
    const Finished added = server().gyre({"project", "add", "git/quiet", "-"}, "", repository().bare() + "\n");
    EXPECT_EQ(added.exit_code, 0) << added.err;
    const Finished refused = server().gyre({"project", "add", "git/deaf", "-"}, "", "ssh://git:s3cret@host/a\n");
    EXPECT_EQ(refused.exit_code, 2) << refused.out;
    const Finished failed = server().gyre({"project", "add", "git/gone", "-"}, "", "http://bot:s3cret@127.0.0.1:1/a\n");
    EXPECT_EQ(failed.exit_code, 2) << failed.out;
    EXPECT_EQ((refused.err + failed.err + server().output()).find("s3cret"), std::string::npos);
}

TEST_F(Pushes, are_announced_with_a_token_that_opens_nothing_else) {
    start();
    commit_config();
    push_ref("HEAD", "refs/heads/main");
    ASSERT_EQ(built().size(), 1U);
    std::string token = output_of({.argv = {"cat", repository().bare() + "/hooks/gyre-token"}});
    token.pop_back();
    EXPECT_NE(token, server().token());
    for (const char* closed : {"/api/v2/me", "/api/v2/pipeline", "/api/v2/projects", "/api/v2/project/git/app",
                               "/api/v2/gyre/events", "/api/v1.1/project/git/app/1"})
        EXPECT_EQ(server().call({.target = closed}, token).status, 401) << closed;
    EXPECT_EQ(server().output().find(token), std::string::npos);
    server().kill();
    server().start();
    const json::object push{{"ref", "refs/heads/later"},
                            {"before", std::string(40, '0')},
                            {"after", repository().git({"rev-parse", "HEAD"}).substr(0, 40)}};
    repository().git({"push", "-q", "origin", "HEAD:refs/heads/later"});  // the hook knows the port of before only
    http::Request announcement{.method = "POST", .target = "/api/v2/gyre/project/git%2Fapp/push"};
    announcement.text = json::serialize(push);
    EXPECT_EQ(server().call(announcement, token).status, 201) << "it survives a restart";
}

// A git stands before the real one: asked for a remote beside which a pipe lies, it waits there.
TEST_F(Pushes, and_requests_go_on_while_eight_remotes_hang) {
    const std::string folder = make_directory_for(current_user());
    write_file(folder + "/git",
               "#!/bin/sh\n"
               "for word; do [ -p \"$word.pipe\" ] && exec cat \"$word.pipe\"; done\nexec \"$REAL_GIT\" \"$@\"\n");
    std::filesystem::permissions(folder + "/git", std::filesystem::perms::owner_all);
    std::string real = output_of({.argv = {"sh", "-c", "command -v git"}});
    real.pop_back();
    start({.environment = {"REAL_GIT=" + real, "PATH=" + folder + ":" + std::getenv("PATH")}});
    commit_config();
    push_ref("HEAD", "refs/heads/main");
    std::vector<std::future<Finished>> hung;
    std::vector<Fd> pipes;
    for (int i = 0; i < 8; ++i) {
        const std::string name = "hung" + std::to_string(i);
        const std::string remote = folder + "/" + name;
        std::filesystem::copy(repository().bare(), remote, std::filesystem::copy_options::recursive);
        ASSERT_EQ(server().gyre({"project", "add", "git/" + name, remote, "--no-poll"}).exit_code, 0);
        ASSERT_EQ(::mkfifo((remote + ".pipe").c_str(), 0600), 0);
        hung.push_back(std::async(std::launch::async, [=, this] { return server().gyre({"trigger", "git/" + name}); }));
        pipes.emplace_back(::open((remote + ".pipe").c_str(), O_WRONLY | O_CLOEXEC));  // opens when git waits there
    }
    EXPECT_EQ(server().call({.target = "/health-check"}).status, 200);
    push_ref("HEAD", "refs/heads/other");
    EXPECT_EQ(server().gyre({"trigger", "git/app", "--branch", "main"}).exit_code, 0);
    EXPECT_EQ(built(), (std::vector<std::string>{"main", "other", "main"}));
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_fifo()) std::filesystem::remove(entry);  // who asks again finds the real git
    pipes.clear();
    for (auto& one : hung) EXPECT_EQ(one.get().exit_code, 0);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gyre::test
