// setup_remote_docker where the job gets no engine, and why.

#include "agent/remote_docker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"
#include "agent/executors/process_start.h"

namespace gyre::agent {
namespace {

using ::testing::HasSubstr;
using testing::World;

struct EngineWorld : World {
    EngineWorld() {
        assignment.trusted = true;
        step(SetupRemoteDockerStep{}).run("echo reached");
    }
};

TEST(RemoteDocker, fails_the_step_and_says_what_the_administrator_may_allow_and_what_it_costs) {
    EngineWorld world;
    world.start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("remote_docker = \"host-daemon\""));
    EXPECT_THAT(world.output(0), HasSubstr("root on the machine"));
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("remote_docker"));
}

TEST(RemoteDocker, is_never_for_the_commits_of_a_fork) {
    EngineWorld world;
    world.engines_allowed = true;
    world.assignment.trusted = false;
    world.start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("fork"));
}

TEST(RemoteDocker, needs_an_executor_that_gives_jobs_a_network) {
    EngineWorld world;
    world.engines_allowed = true;
    world.start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr(::geteuid() == 0 ? "a network of its own" : "runs as root"));
}

TEST(RemoteDocker, is_not_trusted_by_what_an_assignment_does_not_say) { EXPECT_FALSE(wire::Assignment{}.trusted); }

TEST(RemoteDocker, takes_no_process_that_has_anothers_number) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: others are refused before";
    const auto engine = RemoteDocker::start(
        {.directory = "/nowhere", .process = ::getpid(), .process_started = process_start_time(::getpid()) - 1});
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().message, "the job's environment is gone");
}

TEST(RemoteDocker, says_that_it_cannot_be_below_run) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: others are refused before";
    const auto engine = RemoteDocker::start({.directory = "/run/gyre"});
    ASSERT_FALSE(engine);
    EXPECT_THAT(engine.error().message, HasSubstr("not below /run"));
}

TEST(RemoteDocker, does_not_take_the_machines_own_network) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: others are refused before";
    const auto engine = RemoteDocker::start(
        {.directory = "/nowhere", .process = ::getpid(), .process_started = process_start_time(::getpid())});
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().fault, Fault::invalid);
    EXPECT_THAT(engine.error().message, HasSubstr("network of its own"));
}

}  // namespace
}  // namespace gyre::agent
