// What agents tell of what attempts used.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"
#include "model/resource_usage.h"

namespace gyre::gateway {
namespace {

class UsageWorld : public WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
public:
    UsageWorld() : agent(socket()) {
        gateway->offer(first);
        EXPECT_EQ(200, agent.claim().status);
    }
    int finish(const std::string& usage) {
        return agent.post("/finish", wire::Finish{.outcome = Succeeded{}, .steps = {}, .usage = usage}).status;
    }
    std::vector<ToldUsage> kept() { return *stores.run_records().usages({first.job}); }

    AgentMouth agent;
};

TEST(Usage, is_stored_with_the_end) {
    UsageWorld world;
    ResourceUsage usage;
    usage.wall_ms = 7;
    usage.totals.cpu_ms = 5;
    const auto body = to_json_text(usage);
    EXPECT_EQ(200, world.finish(body));
    EXPECT_EQ(200, world.finish(body)) << "told again";
    EXPECT_EQ((std::vector<ToldUsage>{{first.task, first.attempt, body}}), world.kept());
}

TEST(Usage, is_stored_without_what_no_usage_has) {
    UsageWorld world;
    EXPECT_EQ(200, world.finish(R"({"wall_ms":7,"note":")" + std::string(30'000, 'x') + "\"}"));
    EXPECT_EQ(7, read_usage(world.kept().at(0).body)->wall_ms);
    EXPECT_EQ(std::string::npos, world.kept().at(0).body.find("note"));
}

TEST(Usage, that_makes_no_sense_is_not_kept_and_holds_up_no_end) {
    for (const auto& body :
         {std::string("{"), std::string("[]"), std::string("null"), std::string(largest_usage + 1, ' '),
          std::string(5'000, '['), std::string("\x01\x02"), std::string(R"({"wall_ms":-1})"),
          std::string(R"({"version":2})"), std::string(R"({"samples":{"at_ms":[2,1]}})")}) {
        UsageWorld world;
        EXPECT_EQ(200, world.finish(body)) << body.substr(0, 80);
        EXPECT_EQ(AttemptState::finished, world.attempt().state) << body.substr(0, 80);
        EXPECT_TRUE(world.kept().empty()) << body.substr(0, 80);
    }
}

TEST(Usage, is_stored_while_the_attempt_runs_and_replaced_at_its_end) {
    UsageWorld world;
    EXPECT_EQ(200, world.agent.post("/usage", ResourceUsage{.wall_ms = 1}).status);
    EXPECT_EQ(200, world.agent.post("/usage", ResourceUsage{.wall_ms = 2}).status);
    EXPECT_EQ(2, read_usage(world.kept().at(0).body)->wall_ms);
    EXPECT_EQ(200, world.finish(to_json_text(ResourceUsage{.wall_ms = 3})));
    EXPECT_EQ(409, world.agent.post("/usage", ResourceUsage{.wall_ms = 2}).status) << "it is over";
    EXPECT_EQ(3, read_usage(world.kept().at(0).body)->wall_ms);
}

TEST(Usage, that_comes_beside_the_end_does_not_replace_what_the_end_told) {
    UsageWorld world;
    world.conductor.before = [&](const Event& event) {
        if (!std::holds_alternative<TaskFinished>(event)) return;
        EXPECT_EQ(200, world.agent.post("/usage", ResourceUsage{.wall_ms = 2}).status);
    };
    EXPECT_EQ(200, world.finish(to_json_text(ResourceUsage{.wall_ms = 3})));
    EXPECT_EQ(3, read_usage(world.kept().at(0).body)->wall_ms);
}

TEST(Usage, of_an_attempt_that_lost_its_agent_stays) {
    UsageWorld world;
    EXPECT_EQ(200, world.agent.post("/usage", ResourceUsage{.wall_ms = 2}).status);
    world.launcher.die(first.id().text);
    EXPECT_EQ(AttemptState::finished, world.attempt().state);
    EXPECT_EQ(2, read_usage(world.kept().at(0).body)->wall_ms);
}

TEST(Usage, so_far_is_refused_where_it_makes_no_sense) {
    UsageWorld world;
    for (const auto& [body, status] : std::vector<std::pair<std::string, int>>{{"", 400},
                                                                               {"{", 400},
                                                                               {"[]", 400},
                                                                               {R"({"version":2})", 400},
                                                                               {R"({"wall_ms":-1})", 400},
                                                                               {std::string(5'000, '['), 400},
                                                                               {std::string(70'000, ' '), 413}})
        EXPECT_EQ(status, world.agent.call("POST", "/usage", body).status) << body.substr(0, 80);
    EXPECT_TRUE(world.kept().empty());
    world.agent.assignment.token = "another";
    EXPECT_EQ(401, world.agent.post("/usage", ResourceUsage{}).status);
}

TEST(Usage, of_agents_that_tell_none_is_not_there) {
    UsageWorld world;
    EXPECT_EQ(200, world.finish(""));
    EXPECT_TRUE(world.kept().empty());
}

}  // namespace
}  // namespace gyre::gateway
