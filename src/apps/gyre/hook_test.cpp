#include "apps/gyre/hook.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
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
    EXPECT_EQ(read(root_ + "/said"),
              "trigger git/it's --push refs/heads/x --before a --after b --server http://h:1 --token-file /tok en\n"
              "trigger git/it's --push refs/tags/y --before c --after d --server http://h:1 --token-file /tok en\n");
}

}  // namespace
}  // namespace gyre::apps
