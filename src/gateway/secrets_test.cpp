// What agents are told of secrets, and what happens to jobs that may not have theirs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"

namespace gyre::gateway {
namespace {

using testing::ElementsAre;

using World = WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

class Secrets : public testing::Test {
protected:
    // What jobs are given from now on.
    void answer(Result<JobSecrets> given) {
        world.stop();
        world.secrets = [this, given](const Project& project, const Trigger& trigger, const WantedSecrets& wanted) {
            asked = project.slug + " " + trigger.fork + "|";
            for (const auto& context : wanted.contexts) asked += context + " ";
            return given;
        };
        world.start();
    }
    // So many next times they cannot be read.
    void fail_next(int times) {
        world.stop();
        world.secrets = [this, times](const auto&...) -> Result<JobSecrets> {
            if (++calls <= times) return unavailable("the key is missing");
            return JobSecrets{};
        };
        world.start();
    }
    World world;
    std::string asked;
    int calls = 0;
};

TEST_F(Secrets, are_handed_out_with_the_attempt) {
    answer(JobSecrets{{{"TOKEN", "hunter2"}}});
    world.gateway->offer(first);
    AgentMouth agent(world.socket());
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_THAT(agent.assignment.secrets, ElementsAre(EnvVar{"TOKEN", "hunter2"}));
    EXPECT_EQ(asked, "git/demo |");
}

TEST_F(Secrets, that_a_job_may_not_have_end_it_before_it_begins) {
    answer(denied("there is no context 'deploy'"));
    world.gateway->offer(first);
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 204) << "the agent goes on waiting";
    EXPECT_THAT(world.conductor.told,
                ElementsAre("refused test-1 there is no context 'deploy'", "finished test-1-0-a1 canceled"));
    EXPECT_EQ(world.gateway->waiting(), 0);
}

TEST_F(Secrets, that_cannot_be_read_now_keep_the_job_waiting) {
    answer(unavailable("the database is away"));
    world.gateway->offer(first);
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 503);
    EXPECT_EQ(world.gateway->waiting(), 1);
    answer(JobSecrets{});
    world.gateway->offer(first);
    EXPECT_EQ(agent.claim().status, 200);
}

TEST_F(Secrets, that_cannot_be_read_now_hold_up_no_job_behind_them) {
    fail_next(1);
    world.gateway->offer(first);
    world.gateway->offer(second);
    AgentMouth agent(world.socket());
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_EQ(agent.assignment.attempt, second);
    EXPECT_EQ(world.gateway->waiting(), 1);
    AgentMouth another(world.socket(), 101);
    ASSERT_EQ(another.claim().status, 200);
    EXPECT_EQ(another.assignment.attempt, first);
}

TEST_F(Secrets, that_cannot_be_read_now_are_asked_for_once_in_a_claim) {
    fail_next(100);
    world.gateway->offer(first);
    world.gateway->offer(second);
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 503);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(world.gateway->waiting(), 2);
}

TEST_F(Secrets, that_are_damaged_are_our_failure) {
    answer(corrupt("TOKEN: a stored secret is damaged"));
    world.gateway->offer(first);
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 204);
    EXPECT_THAT(world.conductor.told, ElementsAre("finished test-1-0-a1 infrastructure_failed"));
}

}  // namespace
}  // namespace gyre::gateway
