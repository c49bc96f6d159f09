// The step that gives a job its project's additional SSH keys.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"
#include "base/digest.h"

namespace gyre::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

std::string fingerprint(char digit) {
    std::string text(47, digit);
    for (std::size_t at = 2; at < text.size(); at += 3) text[at] = ':';
    return text;
}

wire::SshKey key(char digit, const std::string& hostname) {
    return {.hostname = hostname,
            .md5 = fingerprint(digit),
            .sha256 = std::string("SHA256:") + digit,
            .private_key = std::string("-----BEGIN KEY-----\nhunter-") + digit + "\n-----END KEY-----\n"};
}

std::string file(char digit) { return ".ssh/id_rsa_" + std::string(32, digit); }

// One key is for a host, the other for any.
struct KeysWorld : World {
    KeysWorld() { assignment.ssh_keys = {key('a', "git.example.org"), key('b', "")}; }
};

TEST(AddSshKeys, writes_each_key_to_its_file_and_the_hosts_to_the_config) {
    KeysWorld world;
    world.step(AddSshKeysStep{})
        .run("cd; stat -c '%a %n' .ssh .ssh/*; cat .ssh/config; pwd")
        .run("cd; sha256sum < " + file('a') + "; cat " + file('b'))
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_THAT(world.output(0), HasSubstr("Added " + fingerprint('a') + " for git.example.org"));
    EXPECT_THAT(world.output(0), HasSubstr("Added " + fingerprint('b') + " for any host"));
    const std::string seen = world.output(1);
    EXPECT_THAT(seen, HasSubstr("700 .ssh\n600 .ssh/config\n600 " + file('a') + "\n600 " + file('b') + "\n"));
    EXPECT_THAT(seen, HasSubstr("Host git.example.org\n  IdentitiesOnly no\n  IdentityFile \"/"));
    EXPECT_THAT(seen, HasSubstr("/home/" + file('a') + "\"\nHost *\n"));
    EXPECT_THAT(world.output(2), HasSubstr(sha256_hex(key('a', "").private_key)));
    EXPECT_THAT(world.output(2), Not(HasSubstr("hunter"))) << "masked";
}

TEST(AddSshKeys, again_changes_nothing_and_leaves_what_the_config_had) {
    KeysWorld world;
    world.run("mkdir ~/.ssh; printf 'Host mine\\n  User me' > ~/.ssh/config")
        .step(AddSshKeysStep{})
        .run("cksum < ~/.ssh/config; head -n 2 ~/.ssh/config")
        .step(AddSshKeysStep{})
        .run("cksum < ~/.ssh/config; head -n 2 ~/.ssh/config")
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1);
    EXPECT_THAT(world.output(2), HasSubstr("Host mine\n  User me\n"));
    EXPECT_EQ(world.output(2), world.output(4));
}

TEST(AddSshKeys, takes_those_that_are_named_by_either_fingerprint) {
    const std::string upper = "MD5:BB" + std::string(fingerprint('b')).substr(2);
    for (const std::string& name : {fingerprint('b'), upper, std::string("SHA256:b")}) {
        KeysWorld world;
        world.step(AddSshKeysStep{.fingerprints = {name}}).run("cd; ls .ssh; grep Host .ssh/config").start();
        ASSERT_EQ("succeeded", world.how()) << world.output(0);
        EXPECT_EQ(world.output(1), "config\nid_rsa_" + std::string(32, 'b') + "\nHost *\n");
    }
}

TEST(AddSshKeys, fails_when_one_that_is_named_is_not_there) {
    KeysWorld world;
    world.step(AddSshKeysStep{.fingerprints = {fingerprint('a'), fingerprint('c')}})
        .run("ls -a ~", StepCondition::always)
        .start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("No SSH key with the fingerprint " + fingerprint('c')));
    EXPECT_THAT(world.output(1), Not(HasSubstr(".ssh"))) << "all or none";
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("gyre keys add"));
}

TEST(AddSshKeys, adds_nothing_where_the_job_has_none) {
    World world;
    world.step(AddSshKeysStep{}).run("ls -a ~").start();
    ASSERT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("nothing to add"));
    EXPECT_THAT(world.output(1), Not(HasSubstr(".ssh")));
}

}  // namespace
}  // namespace gyre::agent
