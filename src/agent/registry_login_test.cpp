// What images are pulled with is the agent's: the job is not told, and where it knows it anyway nobody reads it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/attempt_harness.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::World;

TEST(RegistryLogin, is_told_to_no_job_and_lies_on_no_disk) {
    World world;
    world.assignment.registry_logins = {{"ghcr.io", "robot-of-acme", "p$HOME-w${x"}};
    world.run("env; cat /proc/$PPID/environ /proc/$PPID/cmdline | tr '\\0' '\\n'").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    for (const char* word : {"robot-of-acme", "****", "-w${x"}) {
        EXPECT_THAT(world.output(0), Not(HasSubstr(word)));
        EXPECT_THAT(world.gateway.manifest, Not(HasSubstr(word)));
    }
    std::vector<std::string> left;
    for (const auto& entry : fs::recursive_directory_iterator(world.root)) {
        if (entry.is_regular_file() && testing::read_text(entry.path()).find("robot-of-acme") != std::string::npos)
            left.push_back(entry.path());
    }
    EXPECT_THAT(left, IsEmpty());
}

TEST(RegistryLogin, is_masked_whatever_its_password_holds) {
    for (const std::string password : {"p$HOME-w${x", "$TOKEN", "$$$$", "hunter2"}) {
        World world;
        world.assignment.registry_logins = {{"ghcr.io", "robot", password}};
        world.run("echo 'so: " + password + "'").start();
        ASSERT_EQ("succeeded", world.how()) << world.output(0);
        EXPECT_EQ(world.output(0), "so: ****\n") << password;
    }
}

}  // namespace
}  // namespace gyre::agent
