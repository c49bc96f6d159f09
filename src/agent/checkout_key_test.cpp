// Checkouts over ssh with a project's key, past an ssh of ours that notes what it is given.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "agent/attempt_harness.h"
#include "base/process.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::World;

const std::string secret = "-----BEGIN KEY-----\nhunter2-of-the-project\n-----END KEY-----\n";

// A remote in a directory that "ssh" opens for whoever shows the key. What ssh saw: its arguments, its environment, the
// key and its mode.
class SshWorld : public World {
public:
    SshWorld() {
        const std::string remote = (root / "remote").string();
        sh("git init -q -b main " + remote + " && cd " + remote +
           " && echo one > file && git add . && git -c user.name=T -c user.email=t@e commit -q -m first");
        fs::create_directories(root / "bin");
        const std::string seen = (root / "seen").string();
        std::ofstream(root / "bin/ssh") << "#!/bin/sh\nprintf '%s\\n' \"$@\" > " << seen << "\nenv >> " << seen << R"sh(
for word; do
    case "$word" in
    IdentityFile=*) key=${word#IdentityFile=} ;;
    UserKnownHostsFile=*) hosts=${word#UserKnownHostsFile=} ;;
    esac
done
key=${key#\"}; key=${key%\"}; hosts=${hosts#\"}; hosts=${hosts%%\"*}
if ! [ -f "$key" ] || ! grep -q hunter2 "$key"; then echo 'git@host: Permission denied (publickey).' >&2; exit 255; fi
)sh"
                                        << "stat -c %a \"$key\" \"${key%/*}\" > " << seen
                                        << ".mode\n"
                                           "echo 'host.example ssh-ed25519 AAAAhost' > \"$hosts\"\n"
                                           "for last; do :; done\nexec sh -c \"$last\"\n";
        fs::permissions(root / "bin/ssh", fs::perms::owner_all);
        path_ = std::getenv("PATH");
        ::setenv("PATH", ((root / "bin").string() + ":" + path_).c_str(), 1);
        assignment.source = {.remote = "git@host.example:" + remote,
                             .project_slug = "git/shop",
                             .branch = "main",
                             .revision = sh("git -C " + remote + " rev-parse HEAD").substr(0, 40)};
    }
    ~SshWorld() { ::setenv("PATH", path_.c_str(), 1); }
    void give(bool for_job, const std::string& key = secret) {
        assignment.checkout_key = wire::CheckoutKey{key, for_job};
    }
    std::string saw(const std::string& what = "") const { return testing::read_text((root / "seen").string() + what); }
    static std::string sh(const std::string& command) {
        const auto done = gyre::run({.argv = {"sh", "-c", command}});
        EXPECT_TRUE(done.ok() && done->exit_code == 0) << (done ? done->err : done.error().message);
        return done ? done->out : "";
    }

private:
    std::string path_;
};

TEST(CheckoutKey, reads_the_remote_alone_and_is_gone_from_the_machine_then) {
    SshWorld world;
    world.give(false);
    world.step(CheckoutStep{}).run("cat file; ls ~/.ssh; git remote get-url origin").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    for (const auto* part : {"IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=accept-new"})
        EXPECT_THAT(world.saw(), HasSubstr(part));
    EXPECT_THAT(world.saw(), Not(HasSubstr("hunter2"))) << "in no argument and no environment";
    EXPECT_EQ(world.saw(".mode"), "600\n700\n");
    EXPECT_EQ(world.output(1), "one\nknown_hosts\n" + world.assignment.source.remote + "\n") << "no key for this job";
    std::vector<std::string> left;
    for (const auto& entry : fs::recursive_directory_iterator(world.root)) {
        if (entry.is_regular_file() && testing::read_text(entry.path()).find("hunter2-of") != std::string::npos)
            left.push_back(entry.path());
    }
    EXPECT_THAT(left, IsEmpty());
}

TEST(CheckoutKey, is_in_the_home_of_a_job_that_may_have_it_masked_and_with_the_hosts) {
    SshWorld world;
    world.give(true);
    world.run("mkdir -m 0700 ~/.ssh; echo 'mine ssh-ed25519 AAAAmine' > ~/.ssh/known_hosts")
        .step(CheckoutStep{})
        .step(CheckoutStep{})
        .run("cd; stat -c '%a %n' .ssh/id_rsa; cat .ssh/id_rsa; sort .ssh/known_hosts | uniq -d; cat .ssh/known_hosts")
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1);
    const std::string seen = world.output(3);
    EXPECT_THAT(seen, ::testing::StartsWith("600 .ssh/id_rsa\n"));
    EXPECT_THAT(seen, Not(HasSubstr("hunter2"))) << "masked";
    EXPECT_THAT(seen, HasSubstr("mine ssh-ed25519 AAAAmine\ngithub.com ssh-ed25519 "));
    EXPECT_THAT(seen, HasSubstr("host.example ssh-ed25519 AAAAhost\n"));
}

TEST(CheckoutKey, that_opens_nothing_fails_the_step_and_says_what_to_do) {
    SshWorld world;
    world.give(true, "another");
    world.step(CheckoutStep{}).start();
    EXPECT_EQ("failed", world.how()) << "no other machine would do better";
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("gyre keys checkout list git/shop"));
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("Permission denied"));
}

TEST(CheckoutKey, that_is_not_for_the_job_needs_no_home_that_can_be_written_to) {
    for (const bool for_job : {false, true}) {
        SshWorld world;
        world.give(for_job);
        world.run("rm -rf ~/.ssh; touch ~/.ssh").step(CheckoutStep{}).start();
        EXPECT_EQ(for_job ? "failed" : "succeeded", world.how()) << world.output(1);
        EXPECT_THAT(world.output(1), HasSubstr("/.ssh/known_hosts cannot be written"));
    }
}

TEST(CheckoutKey, what_one_opened_is_not_there_for_projects_without) {
    SshWorld world;
    world.give(false);
    world.step(CheckoutStep{}).start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    fs::remove_all(world.project());
    world.next_job();
    world.assignment.checkout_key.reset();
    world.step(CheckoutStep{}).start();
    EXPECT_NE("succeeded", world.how());
    world.next_job();
    world.give(false);
    world.assignment.source.project_slug = "git/other";
    world.give(false, "another");
    world.step(CheckoutStep{}).start();
    EXPECT_EQ("failed", world.how());
}

}  // namespace
}  // namespace gyre::agent
