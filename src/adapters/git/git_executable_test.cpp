#include "adapters/git/git_executable.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "adapters/git/git_command.h"
#include "base/utf8.h"

namespace gyre::adapters {
namespace {

class GitExecutableTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-git-test.XXXXXX";
        root_ = mkdtemp(pattern);
        remote_ = root_ + "/origin";
        must({"init", "-q", "-b", "main", remote_});
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    static std::string must(const std::vector<std::string>& arguments) {
        auto done = git(arguments);
        EXPECT_TRUE(done.ok()) << done.error().message;
        return done ? *done : "";
    }
    std::string commit(const std::string& config, const std::string& message) {
        std::filesystem::create_directories(remote_ + "/.circleci");
        std::ofstream(remote_ + "/.circleci/config.yml") << config;
        must({"-C", remote_, "add", "."});
        must({"-C", remote_, "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q", "-m", message});
        return must({"-C", remote_, "rev-parse", "HEAD"}).substr(0, 40);
    }

    std::string root_;
    std::string remote_;
};

TEST_F(GitExecutableTest, reads_the_config_and_the_commit_at_a_revision) {
    const auto first = commit("version: 2\n", "First\n\nwith a body\n");
    const auto second = commit("version: 2.1\n", "Second");
    GitExecutable remote(root_ + "/mirrors");
    const auto old = remote.read_config(remote_, "refs/heads/main", first);
    ASSERT_TRUE(old.ok()) << old.error().message;
    EXPECT_EQ(old->config, "version: 2\n");
    EXPECT_EQ(old->commit.subject, "First");
    EXPECT_EQ(old->commit.body, "with a body");
    EXPECT_EQ(old->commit.author_name, "Ann");
    EXPECT_EQ(remote.read_config(remote_, "refs/heads/main", second)->config, "version: 2.1\n");
}

TEST_F(GitExecutableTest, lists_branches_peeled_tags_and_the_default_branch) {
    const auto revision = commit("version: 2\n", "First");
    must({"-C", remote_, "-c", "user.name=A", "-c", "user.email=a@b", "tag", "-a", "v1", "-m", "v1"});
    GitExecutable remote(root_ + "/mirrors");
    const auto refs = remote.list_refs(remote_);
    ASSERT_TRUE(refs.ok()) << refs.error().message;
    EXPECT_EQ(refs->at("refs/heads/main"), revision);
    EXPECT_EQ(refs->at("refs/tags/v1"), revision);
    EXPECT_EQ(refs->at("HEAD"), "ref: refs/heads/main");
}

TEST_F(GitExecutableTest, says_when_there_is_no_config_no_commit_no_remote) {
    must({"-C", remote_, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "empty"});
    const auto revision = must({"-C", remote_, "rev-parse", "HEAD"}).substr(0, 40);
    GitExecutable remote(root_ + "/mirrors");
    const auto nothing = remote.read_config(remote_, "refs/heads/main", revision);
    EXPECT_EQ(nothing.error().fault, Fault::not_found) << nothing.error().message;
    EXPECT_EQ(remote.read_config(remote_, "refs/heads/main", std::string(40, 'a')).error().fault, Fault::not_found);
    EXPECT_EQ(remote.read_config(remote_ + "x", "refs/heads/main", revision).error().fault, Fault::unavailable);
    EXPECT_EQ(remote.list_refs(remote_ + "x").error().fault, Fault::unavailable);
}

TEST_F(GitExecutableTest, mends_a_mirror_that_a_killed_git_left_locked_or_half_made) {
    const auto first = commit("version: 2\n", "First");
    GitExecutable remote(root_ + "/mirrors");
    ASSERT_TRUE(remote.read_config(remote_, "refs/heads/main", first).ok());
    const std::string mirror = std::filesystem::directory_iterator(root_ + "/mirrors")->path();
    const auto second = commit("version: 2.1\n", "Second");
    std::ofstream(mirror + "/shallow.lock") << "";
    const auto mended = remote.read_config(remote_, "refs/heads/main", second);
    EXPECT_TRUE(mended.ok()) << mended.error().message;
    std::filesystem::remove_all(mirror + "/objects");
    EXPECT_TRUE(remote.read_config(remote_, "refs/heads/main", second).ok());
}

TEST_F(GitExecutableTest, makes_text_of_whatever_a_commit_says) {
    std::string body(15'999, 'x');
    body += "\xc3\xa4\xc3\xa4";  // the limit falls into a character
    const auto revision = commit("version: 2\n", "caf\xe9\n\n" + body);
    GitExecutable remote(root_ + "/mirrors");
    const auto files = remote.read_config(remote_, "refs/heads/main", revision);
    ASSERT_TRUE(files.ok()) << files.error().message;
    EXPECT_EQ(valid_utf8(files->commit.subject), files->commit.subject);
    EXPECT_EQ(valid_utf8(files->commit.body), files->commit.body);
    must({"-C", remote_, "branch", "caf\xe9"});
    EXPECT_EQ(remote.list_refs(remote_)->size(), 2U) << "HEAD and main";
}

TEST(CheckRemote, refuses_what_could_be_an_option_or_run_a_program) {
    for (const char* good :
         {"/srv/git/a.git", "https://host/a.git", "ssh://git@host/a", "git@host:a/b.git", "file:///a"}) {
        EXPECT_TRUE(check_remote(good).ok()) << good;
    }
    for (const char* bad :
         {"", "--upload-pack=x", "ext::sh -c id", "a", "-x@host:y", "https://host/a b", "git@-oProxyCommand=x:y"}) {
        EXPECT_FALSE(check_remote(bad).ok()) << bad;
    }
}

TEST(Git, keeps_credentials_out_of_errors) {
    const auto failed = git({"ls-remote", "http://user:s3cret@127.0.0.1:1/x"});
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message.find("s3cret"), std::string::npos) << failed.error().message;
}

}  // namespace
}  // namespace gyre::adapters
