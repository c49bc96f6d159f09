// `deploy` steps of jobs that run in several copies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"
#include "agent/steps/deploy_turn.h"

namespace gyre::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Says = DeployTurn::Says;

class Deploy : public ::testing::Test {
protected:
    Deploy() {
        world.assignment.task_total = 3;
        world.step(
            RunStep{.name = "Deploy", .command = "echo deployed > " + world.files() + "/deployed", .deploy = true});
    }
    bool has_run() const { return std::filesystem::exists(world.files() + "/deployed"); }
    testing::World world;
};

TEST_F(Deploy, runs_when_the_other_copies_have_ended_well) {
    world.gateway.others = {{.queued = 1, .running = 1}, {.running = 1}, {}};
    world.start();
    EXPECT_TRUE(has_run());
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("Waits until the other copies of this job have ended well: 2 of 2"));
}

TEST_F(Deploy, says_nothing_where_nothing_is_waited_for) {
    world.gateway.others = {{}};
    world.start();
    EXPECT_TRUE(has_run());
    EXPECT_EQ("", world.output(0));
}

TEST_F(Deploy, does_not_run_when_another_copy_failed_and_the_job_goes_on) {
    world.gateway.others = {{.running = 1}, {.running = 1, .failed = {2}}};
    world.run("echo later").start();
    EXPECT_FALSE(has_run());
    EXPECT_THAT(world.output(0), HasSubstr("Not run: copy 2 of this job did not end well."));
    EXPECT_EQ(StepStatus::skipped, world.record(0).status);
    EXPECT_EQ("later\n", world.output(1));
    EXPECT_EQ("succeeded", world.how()) << "this copy has";
}

TEST_F(Deploy, of_a_job_with_one_copy_asks_nobody) {
    world.assignment.task_total = 1;
    world.gateway.others = {{.failed = {1}}};
    world.start();
    EXPECT_TRUE(has_run());
}

TEST_F(Deploy, of_a_replay_waits_for_nobody) {
    world.assignment.replay = wire::Replay{};
    world.gateway.others = {{.running = 2}};
    world.start();
    EXPECT_TRUE(has_run());
    EXPECT_THAT(world.output(0), HasSubstr("without the other copies"));
}

TEST_F(Deploy, runs_at_once_where_the_server_cannot_tell) {
    world.start();
    EXPECT_TRUE(has_run());
    EXPECT_THAT(world.output(0), HasSubstr("this server cannot tell"));
}

TEST_F(Deploy, that_waits_ends_with_the_jobs_time) {
    world.gateway.others = {{.running = 2}};
    world.assignment.limits.job_ms = 300;
    world.start();
    EXPECT_FALSE(has_run());
    EXPECT_EQ("timed_out", world.how());
}

// As an agent asks that the server answers.
Says after(DeployTurn& turn, const wire::OtherTasks& others, std::int64_t from_ms, std::int64_t to_ms) {
    Says says = Says::wait;
    for (std::int64_t now = from_ms; now <= to_ms && says == Says::wait; now += 5'000) says = turn.hear(others, now);
    return says;
}

TEST(DeployTurn, is_stuck_when_the_others_only_wait_for_ten_minutes) {
    DeployTurn turn;
    EXPECT_EQ(after(turn, {.queued = 1}, 0, 595'000), Says::wait);
    EXPECT_EQ(turn.hear({.queued = 1, .running = 1}, 598'000), Says::wait);
    EXPECT_EQ(after(turn, {.queued = 1}, 600'000, 1'195'000), Says::wait) << "it counts anew";
    EXPECT_EQ(turn.hear({.queued = 1}, 1'200'000), Says::stuck);
    EXPECT_EQ(turn.hear({}, 1'200'001), Says::run);
}

TEST(DeployTurn, does_not_count_the_time_in_which_the_server_was_away) {
    DeployTurn turn;
    EXPECT_EQ(turn.hear({.queued = 1}, 0), Says::wait);
    EXPECT_EQ(turn.hear({.queued = 1}, 700'000), Says::wait);
    EXPECT_EQ(after(turn, {.queued = 1}, 705'000, 1'295'000), Says::wait);
    EXPECT_EQ(turn.hear({.queued = 1}, 1'300'000), Says::stuck);
}

}  // namespace
}  // namespace gyre::agent
