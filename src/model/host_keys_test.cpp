#include "model/host_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gyre {
namespace {

using testing::HasSubstr;

TEST(HostKeys, know_what_is_over_ssh) {
    for (const auto* remote : {"ssh://git@host/x.git", "git@github.com:acme/shop.git", "host:x"})
        EXPECT_TRUE(is_over_ssh(remote)) << remote;
    for (const auto* remote : {"https://host/x.git", "/srv/git/a:b.git", "file:///srv/x.git", "git://host/x", ""})
        EXPECT_FALSE(is_over_ssh(remote)) << remote;
}

TEST(HostKeys, a_key_is_shown_alone_and_a_new_host_believed_once) {
    const auto command = ssh_with_key({"/d/key", "/d/seen", "/d/forges"});
    ASSERT_TRUE(command.ok());
    for (const auto* part : {"-F none", "IdentitiesOnly=yes", "IdentityAgent=none", "IdentityFile=\"/d/key\"",
                             "StrictHostKeyChecking=accept-new", "UserKnownHostsFile=\"/d/seen\"",
                             "GlobalKnownHostsFile=\"/d/forges\"", "BatchMode=yes"})
        EXPECT_THAT(*command, HasSubstr(part));
}

TEST(HostKeys, paths_that_would_end_a_word_are_refused) {
    for (const std::string odd : {"/a'b", "/a\"b", "/a\\b", "/a%b", "/a\nb"}) {
        EXPECT_EQ(ssh_with_key({odd, "/s", "/f"}).error().fault, Fault::invalid) << odd;
        EXPECT_EQ(ssh_with_key({"/k", odd, "/f"}).error().fault, Fault::invalid) << odd;
        EXPECT_EQ(ssh_with_key({"/k", "/s", odd}).error().fault, Fault::invalid) << odd;
        EXPECT_EQ(ssh_that_knows(odd), "") << odd;
    }
}

TEST(HostKeys, a_refusal_is_told_from_a_host_that_is_not_there) {
    EXPECT_EQ(refusal_in("Warning: added\ngit@host: Permission denied (publickey).\r\nfatal: Could not read"),
              "git@host: Permission denied (publickey).");
    EXPECT_EQ(refusal_in("Host key verification failed."), "Host key verification failed.");
    for (const auto* other : {"ssh: Could not resolve hostname host: Name or service not known", "",
                              "fatal: '/srv/x.git' does not appear to be a git repository",
                              "fatal: cannot open '/srv/x': Permission denied"})
        EXPECT_EQ(refusal_in(other), "") << other;
}

}  // namespace
}  // namespace gyre
