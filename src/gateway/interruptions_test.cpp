#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"

// Claims and losses that something comes in between of: a cancel, a broken store, a restart, a pause.

namespace gyre::gateway {
namespace {

using testing::ElementsAre;

using World = WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

TEST(Interruptions, hears_a_cancel_that_comes_during_a_claim) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    world.gateway->offer(second);
    world.conductor.before = [&](const Event& event) {
        const auto* claim = std::get_if<TaskClaimed>(&event);
        if (!claim || claim->attempt != first) return;
        world.cancel();
        world.gateway->stop(first, "canceled by ann");
    };
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_EQ(agent.assignment.attempt, second);
    EXPECT_THAT(world.conductor.told, ElementsAre("finished test-1-0-a1 canceled", "claimed test-1-1-a1"));
    EXPECT_THAT(world.launcher.taken, ElementsAre("100 test-1-0-a1", "100 ", "100 test-1-1-a1"));
}

TEST(Interruptions, hears_a_cancel_that_comes_after_a_refused_claim) {
    World world;
    AgentMouth agent(world.socket());
    world.cancel();
    world.gateway->offer(first);
    EXPECT_EQ(agent.claim().status, 204);
    world.gateway->stop(first, "canceled by ann");
    EXPECT_THAT(world.conductor.told, ElementsAre("finished test-1-0-a1 canceled"));
}

TEST(Interruptions, tells_the_launcher_who_waits_and_who_lives_whoever_launched_them) {
    World world;
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 204);
    EXPECT_THAT(world.launcher.waiting, ElementsAre(100));
    world.gateway->offer(first);
    ASSERT_EQ(agent.claim().status, 200);
    world.stop();
    world.start();
    world.launcher.taken.clear();
    for (int call = 0; call < 2; ++call) EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 200);
    EXPECT_THAT(world.launcher.taken, ElementsAre(std::to_string(::getpid()) + " test-1-0-a1"))
        << "the process that the kernel names";
}

TEST(Interruptions, does_not_end_an_attempt_that_runs_before_it_is_started) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    Gateway next(world.ports(), {}, {});
    next.stop(first, "canceled by ann");
    EXPECT_EQ(world.attempt().state, AttemptState::running);
}

TEST(Interruptions, hands_nothing_out_once_it_is_told_to_stop) {
    World world;
    world.gateway->offer(first);
    world.gateway->stop();
    AgentMouth agent(world.socket());
    EXPECT_EQ(agent.claim().status, 204);
    EXPECT_TRUE(world.launcher.taken.empty());
}

TEST(Interruptions, names_the_agent_to_the_launcher_before_its_claim_is_stored) {
    World world;
    AgentMouth agent(world.socket());
    std::vector<std::string> taken;
    world.conductor.before = [&](const Event&) { taken = world.launcher.taken; };
    world.gateway->offer(first);
    agent.claim();
    EXPECT_THAT(taken, ElementsAre("100 test-1-0-a1"));
}

TEST(Interruptions, repeats_a_claim_of_which_it_does_not_know_whether_it_is_stored) {
    World world;
    AgentMouth agent(world.socket());
    AgentMouth other(world.socket(), 101);
    world.gateway->offer(first);
    world.conductor.lost_answers = 1;
    EXPECT_EQ(agent.claim().status, 503);
    world.gateway->offer(first);
    EXPECT_EQ(other.claim().status, 204);
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_EQ(agent.finish().status, 200);
}

TEST(Interruptions, loses_a_claim_that_nobody_repeats) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    world.conductor.lost_answers = 1;
    EXPECT_EQ(agent.claim().status, 503);
    EXPECT_EQ(world.attempt().state, AttemptState::running);
    world.clock.advance(Duration{16'100});
    world.gateway->look_at_leases();
    EXPECT_EQ(world.attempt().state, AttemptState::finished);
}

TEST(Interruptions, lets_nobody_in_while_it_records_a_loss) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    std::vector<int> statuses;
    world.conductor.before = [&](const Event& event) {
        if (!std::holds_alternative<TaskLost>(event)) return;
        statuses.push_back(agent.post("/heartbeat", wire::Heartbeat{}).status);
        statuses.push_back(agent.finish().status);
        statuses.push_back(agent.claim().status);
    };
    world.conductor.failures = 1;
    world.clock.advance(Duration{16'100});
    world.gateway->look_at_leases();
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 409);
    world.conductor.before = nullptr;
    world.clock.advance(Duration{16'100});
    world.gateway->look_at_leases();
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 409);
    EXPECT_THAT(statuses, ElementsAre(409, 409, 204));
    EXPECT_EQ(world.conductor.told.size(), 2U);
}

TEST(Interruptions, prolongs_every_lease_when_it_stood_still_itself) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    world.clock.advance(Duration{60'000});
    world.gateway->look_at_leases(Duration{44'000});
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 200);
    world.clock.advance(Duration{30'900});
    world.gateway->look_at_leases(Duration{1'000});  // no more than a heartbeat: nothing unusual
    EXPECT_EQ(world.attempt().state, AttemptState::running);
    world.clock.advance(Duration{200});
    world.gateway->look_at_leases();
    EXPECT_EQ(world.attempt().state, AttemptState::finished);
}

TEST(Interruptions, repeats_its_answer_to_a_claim_after_a_restart) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    const auto answer = agent.claim();
    world.stop();
    world.start();
    EXPECT_EQ(AgentMouth(world.socket(), 101).claim().status, 204);
    EXPECT_EQ(agent.claim().body, answer.body);
    EXPECT_THAT(world.launcher.taken, ElementsAre("100 test-1-0-a1", "100 test-1-0-a1"));
    EXPECT_EQ(agent.finish().status, 200);
    EXPECT_EQ(world.conductor.told.size(), 2U);
}

TEST(Interruptions, gives_no_attempt_that_was_begun_to_a_process_of_the_same_number) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    agent.post("/steps", wire::StepReports{{StepRecord{.index = 101, .name = "npm test", .type = "run"}}});
    EXPECT_EQ(AgentMouth(world.socket()).claim().status, 204);
    world.stop();
    world.start();
    EXPECT_EQ(AgentMouth(world.socket()).claim().status, 204);
    EXPECT_EQ(agent.finish().status, 200);
}

// Seed 3350 of the simulation: the other server had come back, and its agent ran, when the loss was tried again.
TEST(Interruptions, does_not_come_back_to_the_loss_of_anothers_attempt_that_was_not_stored) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    Gateway other(world.ports(), {}, {.client = "there"});
    const auto live = world.stores.task_queue().live().value();
    world.conductor.failures = 1;
    EXPECT_EQ(other.lose_of_another(live.front(), "the server here is gone").error().fault, Fault::unavailable);
    world.clock.advance(Duration{60'000});
    other.look_at_leases();
    EXPECT_EQ(world.attempt().state, AttemptState::running);
    EXPECT_TRUE(other.lose_of_another(live.front(), "the server here is gone").ok());
    EXPECT_EQ(world.attempt().state, AttemptState::finished);
}

// Of several servers, one that others took for gone lives on, and its agents with it.
TEST(Interruptions, fences_the_agent_of_an_attempt_that_another_server_ended) {
    World world;
    AgentMouth agent(world.socket());
    AgentMouth other(world.socket(), 101);
    world.gateway->offer(first);
    world.gateway->offer(second);
    agent.claim();
    other.claim();
    ASSERT_TRUE(world.conductor.handle(TaskLost{first, "the server here is gone"}).ok());
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 200) << "nobody has looked yet";
    world.gateway->fence_what_others_ended(*world.stores.task_queue().live());
    EXPECT_EQ(agent.post("/heartbeat", wire::Heartbeat{}).status, 409);
    world.gateway->fence_what_others_ended({});  // was read before the other was placed
    EXPECT_EQ(other.post("/heartbeat", wire::Heartbeat{}).status, 200);
}

TEST(Interruptions, fences_no_agent_that_has_told_its_end_itself) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const auto look = [&] { world.gateway->fence_what_others_ended(*world.stores.task_queue().live()); };
    world.conductor.after = [&](const Event&) { look(); };
    world.conductor.lost_answers = 1;
    EXPECT_EQ(agent.finish().status, 503);
    look();
    EXPECT_EQ(agent.finish().status, 200) << "the same end told again";
    EXPECT_THAT(world.launcher.killed, ElementsAre());
}

TEST(Interruptions, tells_of_a_blob_that_rotted_while_its_answer_can_still_tell) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    agent.claim();
    const auto name = agent.blob("a few bytes");
    world.stores.blob_store().spoil(name);
    const auto answer = agent.call("GET", "/blobs/" + name);
    EXPECT_EQ(answer.status, 500);
    EXPECT_NE(answer.body.find("have changed"), std::string::npos) << answer.body;
    EXPECT_EQ(agent.call("HEAD", "/blobs/" + name).status, 404) << "it is removed, so that the true bytes can come";
}

}  // namespace
}  // namespace gyre::gateway
