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
    std::vector<ToldUsage> kept() { return *stores.run_records().usages(first.job); }

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

TEST(Usage, of_agents_that_tell_none_is_not_there) {
    UsageWorld world;
    EXPECT_EQ(200, world.finish(""));
    EXPECT_TRUE(world.kept().empty());
}

}  // namespace
}  // namespace gyre::gateway
