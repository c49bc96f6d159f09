// Workflows that run from time to time. Nobody waits for a clock: what shall be due was due while the server was away.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

#include "base/clock.h"
#include "support/database.h"
#include "support/eventually.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class Schedules : public Story {
protected:
    std::vector<json::value> schedules() {
        const json::value items = at(server().get("/api/v2/gyre/project/git%2Fapp/schedules"), "items");
        return {items.as_array().begin(), items.as_array().end()};
    }
    std::size_t pipelines() {
        return at(server().get("/api/v2/project/git%2Fapp/pipeline?limit=100"), "items").as_array().size();
    }
    std::string in_database(const std::string& statement) { return test::in_database(server().data(), statement); }
    // As if no server had looked for ten minutes.
    void forget_ten_minutes() {
        in_database("UPDATE schedules SET settled_until = settled_until - 600000, claimed_at = NULL");
    }
    std::string settled_until() { return in_database("SELECT settled_until FROM schedules"); }
};

TEST_F(Schedules, run_once_at_their_time_though_the_server_was_away) {
    if (const std::string missing = in_database_needs(); !missing.empty())
        GTEST_SKIP() << missing << ": sets the stored time back";
    const Timestamp now = SystemClock().now();
    const auto tick = std::chrono::floor<std::chrono::minutes>(now) - std::chrono::minutes{2};
    const std::chrono::hh_mm_ss time(tick - std::chrono::floor<std::chrono::days>(tick));
    start();
    config(fmt::format(R"yml(version: 2.1
jobs:
  build:
    docker: [{{image: debian:12}}]
    resource_class: small
    steps: [checkout, {{run: "echo started by << pipeline.trigger_source >> << pipeline.schedule.name >>"}}]
workflows:
  on-push: {{jobs: [build]}}
  nightly:
    triggers:
      - schedule: {{cron: "{} {} * * *", filters: {{branches: {{only: /.*/}}}}}}
    jobs: [build]
)yml",
                       time.minutes().count(), time.hours().count()));
    push("first").wait();
    expect_job("build").printed("started by webhook");
    EXPECT_EQ(newest().workflows().size(), 1U);
    push("first", "dev").wait();
    ASSERT_EQ(schedules().size(), 2U);
    repository().git({"push", "-q", "origin", ":dev"});
    ASSERT_EQ(schedules().size(), 1U);
    EXPECT_EQ(text_at(schedules()[0], "branch"), "main");
    EXPECT_EQ(text_at(schedules()[0], "next_tick"), to_iso(tick + std::chrono::days{1}));
    EXPECT_NE(server().gyre({"schedules"}).out.find("nightly"), std::string::npos);

    ASSERT_EQ(server().stop(), 0);
    forget_ten_minutes();
    server().start();
    eventually("the tick fires", [this] { return !text_at(schedules()[0], "last_tick").empty(); });
    EXPECT_EQ(text_at(schedules()[0], "last_tick"), to_iso(tick));
    newest().wait();
    EXPECT_EQ(text_at(newest().facts(), "trigger.type"), "scheduled_pipeline");
    EXPECT_EQ(text_at(newest().workflows().at(0), "name"), "nightly");
    EXPECT_EQ(newest().workflows().size(), 1U);
    expect_job("build").succeeded().printed("started by scheduled_pipeline nightly");
    EXPECT_EQ(text_at(schedules()[0], "last_pipeline_id"), newest().id());
    ASSERT_EQ(pipelines(), 3U);

    const std::string settled = settled_until();
    server().kill();
    forget_ten_minutes();
    server().start();
    eventually("the tick is dealt with again", [&] { return settled_until() == settled; });
    EXPECT_EQ(pipelines(), 3U) << "its trigger has been seen";
}

}  // namespace
}  // namespace gyre::test
