#include "apps/gyre/hook.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/process.h"

namespace gyre::apps {
namespace {

class HookTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-hook-test.XXXXXX";
        root_ = mkdtemp(pattern);
        repository_ = root_ + "/it's.git";
        ASSERT_EQ(run({.argv = {"git", "init", "-q", "--bare", repository_}})->exit_code, 0);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    static std::string read(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    std::string root_;
    std::string repository_;
    ServerAddress address_{"http://127.0.0.1:1", "s3cret"};
};

TEST_F(HookTest, keeps_the_token_in_a_private_file_and_out_of_the_script) {
    const auto script = install_hook(repository_, "git/app", address_);
    ASSERT_TRUE(script.ok()) << script.error().message;
    EXPECT_EQ(read(*script).find("s3cret"), std::string::npos);
    struct stat facts {};
    ASSERT_EQ(stat((repository_ + "/hooks/gyre-token").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    EXPECT_TRUE(install_hook(repository_, "git/app", address_).ok()) << "installing again replaces ours";
}

TEST_F(HookTest, writes_through_no_link_that_lies_at_the_places_of_its_files) {
    std::ofstream(root_ + "/other") << "mine";
    ASSERT_EQ(link((root_ + "/other").c_str(), (repository_ + "/hooks/gyre-token").c_str()), 0);
    ASSERT_EQ(symlink((root_ + "/other").c_str(), (repository_ + "/hooks/gyre-token.new").c_str()), 0);
    ASSERT_TRUE(install_hook(repository_, "git/app", address_).ok());
    EXPECT_EQ(read(root_ + "/other"), "mine");
    EXPECT_EQ(read(repository_ + "/hooks/gyre-token"), "s3cret\n");
    EXPECT_FALSE(std::filesystem::exists(repository_ + "/hooks/gyre-token.new"));
}

TEST_F(HookTest, is_installed_by_an_ordinary_user_whose_repository_has_a_group_of_others) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: it becomes another user with a repository of root's group";
    constexpr uid_t somebody = 1500;
    ASSERT_EQ(run({.argv = {"chown", "-R", std::to_string(somebody) + ":0", root_}})->exit_code, 0);
    const auto install_as = [&](uid_t user) {
        const pid_t child = fork();
        if (child == 0) {
            if (setgroups(0, nullptr) != 0 || setgid(user) != 0 || setuid(user) != 0) _exit(100);
            const auto installed = install_hook(repository_, "git/app", address_);
            if (!installed) std::cerr << installed.error().message << std::endl;
            _exit(installed ? 0 : static_cast<int>(installed.error().fault) + 1);
        }
        int status = -1;
        waitpid(child, &status, 0);
        return WEXITSTATUS(status);
    };
    EXPECT_EQ(install_as(somebody), 0);
    struct stat facts {};
    ASSERT_EQ(stat((repository_ + "/hooks/gyre-token").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_uid, somebody);
    ASSERT_EQ(chmod(root_.c_str(), 0755), 0);
    EXPECT_EQ(install_as(somebody + 1), static_cast<int>(Fault::denied) + 1);
}

TEST_F(HookTest, leaves_a_foreign_hook_alone) {
    std::ofstream(repository_ + "/hooks/post-receive") << "#!/bin/sh\n";
    EXPECT_EQ(install_hook(repository_, "git/app", address_).error().fault, Fault::conflict);
    EXPECT_EQ(read(repository_ + "/hooks/post-receive"), "#!/bin/sh\n");
}

TEST_F(HookTest, wants_a_bare_repository) {
    EXPECT_EQ(install_hook(root_, "git/app", address_).error().fault, Fault::not_found);
}

TEST_F(HookTest, the_script_announces_every_ref_and_never_fails_the_push) {
    std::ofstream(root_ + "/fake") << "#!/bin/sh\necho \"$@\" >>" << root_ << "/said\nexit 5\n";
    std::filesystem::permissions(root_ + "/fake", std::filesystem::perms::owner_all);
    const std::string script = hook_script(root_ + "/fake", "git/it's", "http://h:1", "/tok en");
    const auto done = run({.argv = {"sh", "-c", script}, .input = "a b refs/heads/x\nc d refs/tags/y\n"});
    EXPECT_EQ(done->exit_code, 0) << done->err;
    EXPECT_NE(done->err.find("no pipeline yet for refs/heads/x"), std::string::npos) << done->err;
    const std::string said = read(root_ + "/said");
    const auto delivery = said.substr(said.find("--delivery ") + 11, 36);
    EXPECT_EQ(delivery.find(' '), std::string::npos) << said;
    const std::string rest = " --delivery " + delivery + " --server http://h:1 --token-file /tok en\n";
    EXPECT_EQ(said, "trigger git/it's --push refs/heads/x --before a --after b" + rest +
                        "trigger git/it's --push refs/tags/y --before c --after d" + rest);
    ASSERT_TRUE(run({.argv = {"sh", "-c", script}, .input = "a b refs/heads/x\n"}).ok());
    const std::string more = read(root_ + "/said").substr(said.size());
    EXPECT_EQ(more.find(delivery), std::string::npos) << "another push is another delivery: " << more;
}

TEST_F(HookTest, the_script_tells_of_the_commit_behind_an_annotated_tag) {
    std::ofstream(root_ + "/fake") << "#!/bin/sh\necho \"$@\" >>" << root_ << "/said\n";
    std::filesystem::permissions(root_ + "/fake", std::filesystem::perms::owner_all);
    const auto git = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"git", "-c", "user.name=A", "-c", "user.email=a@b", "--git-dir=" + repository_});
        const auto done = run({.argv = std::move(words)});
        EXPECT_EQ(done->exit_code, 0) << done->err;
        return done->out.substr(0, 40);
    };
    const std::string commit = git({"commit-tree", "-m", "x", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"});
    git({"tag", "-a", "v1", "-m", "v1", commit});
    const std::string tag = git({"rev-parse", "refs/tags/v1"});
    ASSERT_NE(tag, commit);
    const std::string none(40, '0');
    const std::string script = hook_script(root_ + "/fake", "git/app", "http://h:1", "/t");
    const auto done = run({.argv = {"sh", "-c", script},
                           .environment = {"GIT_DIR=" + repository_},
                           .input = none + " " + tag + " refs/tags/v1\n"});
    EXPECT_EQ(done->exit_code, 0) << done->err;
    EXPECT_NE(read(root_ + "/said").find("--before " + none + " --after " + commit), std::string::npos)
        << read(root_ + "/said");
}

}  // namespace
}  // namespace gyre::apps
