#include "adapters/git/git_executable.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <vector>

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

TEST_F(GitExecutableTest, lists_the_same_refs_by_path_and_by_url) {
    commit("version: 2\n", "First");
    must({"-C", remote_, "-c", "user.name=A", "-c", "user.email=a@b", "tag", "-a", "v1", "-m", "v1"});
    for (const char* ref : {"refs/heads/a/b", "refs/tags/light", "refs/notes/x", "refs/pull/1/head"})
        must({"-C", remote_, "update-ref", ref, "HEAD"});
    GitExecutable remote(root_ + "/mirrors");
    EXPECT_EQ(*remote.list_refs(remote_), *remote.list_refs("file://" + remote_));
    must({"-C", remote_, "checkout", "-q", "--detach"});
    EXPECT_EQ(*remote.list_refs(remote_), *remote.list_refs("file://" + remote_));
    must({"init", "-q", "--bare", root_ + "/empty"});
    EXPECT_TRUE(remote.list_refs(root_ + "/empty")->empty());
}

TEST_F(GitExecutableTest, says_when_the_config_is_no_file) {
    std::filesystem::create_directories(remote_ + "/.circleci/config.yml");
    std::ofstream(remote_ + "/.circleci/config.yml/a") << "x";
    must({"-C", remote_, "add", "."});
    must({"-C", remote_, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "a directory"});
    const auto revision = must({"-C", remote_, "rev-parse", "HEAD"}).substr(0, 40);
    GitExecutable remote(root_ + "/mirrors");
    const auto files = remote.read_config(remote_, "refs/heads/main", revision);
    EXPECT_EQ(files.error().fault, Fault::not_found) << files.error().message;
}

TEST_F(GitExecutableTest, reads_a_config_as_it_is_stored) {
    GitExecutable remote(root_ + "/mirrors");
    for (const auto& config : {std::string(), std::string("no newline"), std::string("\ntree x\0\n", 9)}) {
        const auto revision = commit(config, "config of " + std::to_string(config.size()) + " bytes");
        EXPECT_EQ(remote.read_config(remote_, "refs/heads/main", revision)->config, config);
    }
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

TEST_F(GitExecutableTest, reads_a_commit_only_by_a_ref_that_has_it) {
    const auto first = commit("version: 2\n", "First");
    must({"-C", remote_, "checkout", "-q", "-b", "aside"});
    const auto aside = commit("version: 2.1\n", "Aside");
    GitExecutable remote(root_ + "/mirrors");
    ASSERT_TRUE(remote.read_config(remote_, "refs/heads/aside", aside).ok());
    const auto claimed = remote.read_config(remote_, "refs/heads/main", aside);
    ASSERT_FALSE(claimed) << "it is here, and main never had it";
    EXPECT_EQ(claimed.error().fault, Fault::not_found);
    EXPECT_NE(claimed.error().message.find("not reachable from refs/heads/main"), std::string::npos);
    EXPECT_TRUE(remote.read_config(remote_, "refs/heads/aside", first).ok()) << "behind its tip";
    must({"-C", remote_, "branch", "-f", "main", aside});
    EXPECT_TRUE(remote.read_config(remote_, "refs/heads/main", aside).ok()) << "main was moved to it";
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

TEST_F(GitExecutableTest, makes_a_mirror_anew_whose_files_a_power_cut_damaged) {
    auto newest = commit("version: 2\n", "First");
    GitExecutable remote(root_ + "/mirrors");
    for (const std::string part : {"objects", "refs"}) {
        for (const std::string bytes : {"", "garbage"}) {
            ASSERT_TRUE(remote.read_config(remote_, "refs/heads/main", newest).ok());
            const std::string mirror = std::filesystem::directory_iterator(root_ + "/mirrors")->path();
            for (const auto& entry : std::filesystem::recursive_directory_iterator(mirror + "/" + part)) {
                if (!entry.is_regular_file()) continue;
                std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all);
                std::ofstream(entry.path(), std::ios::trunc) << bytes;
            }
            newest = commit("version: 2\n# " + part + bytes + "\n", "After it");
            const auto read = remote.read_config(remote_, "refs/heads/main", newest);
            EXPECT_TRUE(read.ok()) << part << " '" << bytes << "': " << read.error().message;
        }
    }
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
}

TEST_F(GitExecutableTest, tells_of_names_that_are_no_text_and_says_why_they_cannot_be_built) {
    const auto revision = commit("version: 2\n", "First");
    must({"-C", remote_, "update-ref", "refs/heads/caf\xe9", revision});
    GitExecutable remote(root_ + "/mirrors");
    EXPECT_EQ(remote.list_refs(remote_)->at("refs/heads/caf\\xe9"), revision);
    const auto refused = remote.read_config(remote_, "refs/heads/caf\\xe9", revision);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_NE(refused.error().message.find("UTF-8"), std::string::npos) << refused.error().message;
}

TEST_F(GitExecutableTest, reads_branches_that_git_commands_would_take_for_something_else) {
    const auto revision = commit("version: 2\n", "First");
    GitExecutable remote(root_ + "/mirrors");
    for (const std::string ref : {"refs/heads/-x", "refs/heads/HEAD", "refs/heads/--upload-pack=id", "refs/tags/-x"}) {
        must({"-C", remote_, "update-ref", ref, revision});
        EXPECT_EQ(remote.list_refs(remote_)->at(ref), revision) << ref;
        const auto next = commit("version: 2\n# " + ref + "\n", "For " + ref);
        must({"-C", remote_, "update-ref", ref, next});
        const auto files = remote.read_config(remote_, ref, next);
        EXPECT_TRUE(files.ok()) << ref << ": " << files.error().message;
    }
}

TEST(Git, shows_passwords_to_the_remote_and_to_nobody_else) {
    char pattern[] = "/tmp/gyre-git-test.XXXXXX";
    const std::string root = mkdtemp(pattern);
    const Access access("https://bot%40x:s3%25cret@host:8443/a.git");
    EXPECT_EQ(access.url, "https://host:8443/a.git");
    for (const auto& word : access.config) EXPECT_EQ(word.find("s3"), std::string::npos) << word;
    const auto fill = [&](const std::string& url) {
        Command command{.argv = {"git"}, .environment = access.environment, .input = "url=" + url + "\n\n"};
        command.argv.insert(command.argv.end(), access.config.begin(), access.config.end());
        command.argv.insert(command.argv.end(), {"credential", "fill"});
        command.environment.insert(command.environment.end(),
                                   {"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "HOME=" + root});
        return run(command)->out;
    };
    EXPECT_NE(fill("https://host:8443/a.git").find("username=bot@x\npassword=s3%cret\n"), std::string::npos);
    for (const char* other : {"https://host/a.git", "https://other:8443/a.git", "http://host:8443/a.git"})
        EXPECT_EQ(fill(other).find("s3%cret"), std::string::npos) << other;
    std::filesystem::remove_all(root);
}

// A git that writes down how it was called stands before the real one in PATH.
TEST_F(GitExecutableTest, never_puts_a_password_into_an_argument) {
    std::filesystem::create_directories(root_ + "/bin");
    std::ofstream(root_ + "/bin/git") << "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" << root_
                                      << "/called\necho 'fatal: no' >&2; exit 1\n";
    std::filesystem::permissions(root_ + "/bin/git", std::filesystem::perms::owner_all);
    const std::string path = getenv("PATH");
    setenv("PATH", (root_ + "/bin:" + path).c_str(), 1);
    GitExecutable remote(root_ + "/mirrors");
    const auto listed = remote.list_refs(std::string("https://bot:s3cret@host/a.git"));
    std::filesystem::create_directories(root_ + "/mirrors");
    const auto read =
        remote.read_config(std::string("https://bot:s3cret@host/a.git"), "refs/heads/main", std::string(40, 'a'));
    setenv("PATH", path.c_str(), 1);
    std::ostringstream called;
    called << std::ifstream(root_ + "/called").rdbuf();
    EXPECT_NE(called.str().find("https://host/a.git"), std::string::npos) << called.str();
    EXPECT_EQ(called.str().find("s3cret"), std::string::npos) << called.str();
    EXPECT_EQ(listed.error().message.find("s3cret"), std::string::npos) << listed.error().message;
    EXPECT_FALSE(read.ok());
}

TEST(Git, keeps_credentials_out_of_errors) {
    const auto failed = git({"ls-remote", "http://user:s3cret@127.0.0.1:1/x"});
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message.find("s3cret"), std::string::npos) << failed.error().message;
}

// Over ssh: past an ssh of ours that opens the remote for one key alone.
class GitOverSsh : public GitExecutableTest {
protected:
    void SetUp() override {
        GitExecutableTest::SetUp();
        revision_ = commit("version: 2\n", "First");
        std::filesystem::create_directories(root_ + "/bin");
        const std::string ssh = root_ + "/bin/ssh";
        std::ofstream(ssh) << "#!/bin/sh\nenv > " << seen() << "\nprintf '%s\\n' \"$@\" >> " << seen() << R"sh(
for word; do case "$word" in IdentityFile=*) key=${word#IdentityFile=} ;; esac; done
key=${key#\"}; key=${key%\"}
if [ "$(cat "$key" 2> /dev/null)" != the-key ]; then
    echo 'git@host: Permission denied (publickey).' >&2
    exit 255
fi
for last; do :; done
exec sh -c "$last"
)sh";
        std::filesystem::permissions(ssh, std::filesystem::perms::owner_all);
        path_ = getenv("PATH");
        setenv("PATH", (root_ + "/bin:" + path_).c_str(), 1);
        project_.remote = "git@host:" + remote_;
    }
    void TearDown() override {
        setenv("PATH", path_.c_str(), 1);
        GitExecutableTest::TearDown();
    }
    std::string seen() const { return root_ + "/seen"; }
    std::string saw() const {
        std::ifstream file(seen());
        return {std::istreambuf_iterator<char>(file), {}};
    }
    GitExecutable with_key(const std::string& key) {
        return GitExecutable(root_ + "/mirrors", [key](const ProjectId& project) -> Result<std::optional<std::string>> {
            return project.text == "p1" ? std::optional(key) : std::nullopt;
        });
    }
    Project project_{.id = {"p1"}};
    std::string revision_;
    std::string path_;
};

TEST_F(GitOverSsh, reads_with_the_projects_key_which_lies_nowhere_then) {
    auto git = with_key("the-key");
    const auto refs = git.list_refs(project_);
    ASSERT_TRUE(refs.ok()) << refs.error().message;
    EXPECT_EQ(refs->at("refs/heads/main"), revision_);
    EXPECT_EQ(git.read_config(project_, "refs/heads/main", revision_)->config, "version: 2\n");
    EXPECT_NE(saw().find("IdentitiesOnly=yes"), std::string::npos);
    EXPECT_EQ(saw().find("the-key"), std::string::npos) << "in no argument and no environment";
    EXPECT_TRUE(std::filesystem::is_empty(root_ + "/mirrors/keys"));
}

TEST_F(GitOverSsh, tells_a_refusal_from_other_trouble) {
    EXPECT_EQ(with_key("another").list_refs(project_).error().fault, Fault::denied);
    const auto none = GitExecutable(root_ + "/mirrors").list_refs(project_);
    EXPECT_EQ(none.error().fault, Fault::denied);
    EXPECT_EQ(none.error().message, "git ls-remote: git@host: Permission denied (publickey).");
    auto git = with_key("the-key");
    project_.remote += "-away";
    EXPECT_EQ(git.list_refs(project_).error().fault, Fault::unavailable);
    auto broken = GitExecutable(root_ + "/mirrors", [](const ProjectId&) -> Result<std::optional<std::string>> {
        return unavailable("the key cannot be opened");
    });
    EXPECT_EQ(broken.list_refs(project_).error().message, "the key cannot be opened");
}

TEST_F(GitOverSsh, what_a_key_opened_nobody_reads_without) {
    auto git = with_key("the-key");
    ASSERT_TRUE(git.read_config(project_, "refs/heads/main", revision_).ok());
    Project other{.id = {"p2"}, .remote = project_.remote};
    EXPECT_EQ(git.read_config(other, "refs/heads/main", revision_).error().fault, Fault::denied);
    EXPECT_EQ(git.read_config(project_.remote, "refs/heads/main", revision_).error().fault, Fault::denied);
    EXPECT_TRUE(git.read_config(project_, "refs/heads/main", revision_).ok());
}

TEST_F(GitOverSsh, may_be_looked_at_by_many_before_the_forges_are_known) {
    auto git = with_key("the-key");
    for (int round = 0; round < 5; ++round) {
        std::filesystem::remove(root_ + "/mirrors/known_hosts");
        std::vector<std::future<std::string>> looks(8);
        for (auto& look : looks) {
            look = std::async(std::launch::async, [&] {
                const auto refs = git.list_refs(project_);
                return refs ? std::string() : refs.error().message;
            });
        }
        for (auto& look : looks) EXPECT_EQ(look.get(), "");
    }
    EXPECT_TRUE(std::filesystem::is_empty(root_ + "/mirrors/keys"));
}

TEST_F(GitOverSsh, asks_remotes_that_need_no_key_where_it_can_write_nothing) {
    auto git = with_key("the-key");
    std::ofstream(root_ + "/mirrors") << "no directory";
    EXPECT_EQ(git.list_refs(Project{.id = {"p2"}, .remote = project_.remote}).error().message,
              "git ls-remote: git@host: Permission denied (publickey).")
        << "which the remote says";
    const auto with = git.list_refs(project_);
    EXPECT_EQ(with.error().fault, Fault::unavailable);
    EXPECT_NE(with.error().message.find("/mirrors"), std::string::npos) << with.error().message;
}

TEST_F(GitOverSsh, what_a_killed_server_left_goes) {
    std::filesystem::create_directories(root_ + "/mirrors/keys");
    std::ofstream(root_ + "/mirrors/keys/secret.abcdef") << "the-key";
    const auto git = with_key("the-key");
    EXPECT_FALSE(std::filesystem::exists(root_ + "/mirrors/keys"));
}

}  // namespace
}  // namespace gyre::adapters
