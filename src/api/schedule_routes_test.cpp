#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

namespace gyre::api {
namespace {

class ScheduleRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    ScheduleRoutes() { clock_.set_wall(from_iso("2026-01-02T12:00:00Z").value()); }
    void branch_has(const std::string& branch, std::vector<PlannedSchedule> schedules) {
        const auto demo = stores_.project_store().by_slug("git/demo").value();
        Commit commit{.event = {"schedules of " + branch}, .at = clock_.now()};
        commit.pipeline = Pipeline{.id = {"pipeline-of-" + branch}, .project = demo.id, .number = 100 + ++pipelines_};
        commit.pipeline->trigger.branch = branch;
        commit.schedules = BranchSchedules{branch, std::move(schedules)};
        ASSERT_TRUE(stores_.workflow_store().commit(commit).ok());
    }
    int pipelines_ = 0;
};

TEST_F(ScheduleRoutes, tell_what_runs_when) {
    EXPECT_EQ(json_of("/api/v2/gyre/schedules").at("items"), json::array());
    branch_has("main", {{"nightly", "0 3 * * *"}, {"nightly", "30 15 * * *"}});
    branch_has("dev", {{"never", "0 0 30 2 *"}});
    const auto all = json_of("/api/v2/gyre/schedules").at("items");
    ASSERT_EQ(all.as_array().size(), 2U);
    EXPECT_EQ(all, json_of("/api/v2/gyre/project/git/demo/schedules").at("items"));
    EXPECT_EQ(all.at(0).at("branch"), "dev");
    EXPECT_TRUE(all.at(0).at("next_tick").is_null());
    const auto& nightly = all.at(1);
    EXPECT_EQ(nightly.at("project_slug"), "git/demo");
    EXPECT_EQ(nightly.at("workflow"), "nightly");
    EXPECT_EQ(nightly.at("crons"), (json::array{"0 3 * * *", "30 15 * * *"}));
    EXPECT_EQ(nightly.at("next_tick"), "2026-01-02T15:30:00.000Z");
    EXPECT_EQ(nightly.at("id").as_string().size(), 36U);
    for (const char* absent : {"last_tick", "last_pipeline_id", "missed_tick", "missed_why"})
        EXPECT_TRUE(nightly.at(absent).is_null()) << absent;
}

TEST_F(ScheduleRoutes, tell_what_became_of_the_last_ticks) {
    branch_has("main", {{"nightly", "0 3 * * *"}});
    const auto stored = stores_.schedule_store().schedules(std::nullopt)->at(0);
    const Timestamp three = from_iso("2026-01-03T03:00:00Z").value();
    ASSERT_TRUE(stores_.schedule_store()
                    .settle(stored, {.until = three,
                                     .fired = three,
                                     .pipeline = {"pipeline-9"},
                                     .missed = three - std::chrono::hours{24},
                                     .missed_why = "no server was there to start it"})
                    .ok());
    const auto nightly = json_of("/api/v2/gyre/project/git/demo/schedules").at("items").at(0);
    EXPECT_EQ(nightly.at("last_tick"), "2026-01-03T03:00:00.000Z");
    EXPECT_EQ(nightly.at("last_pipeline_id"), "pipeline-9");
    EXPECT_EQ(nightly.at("missed_tick"), "2026-01-02T03:00:00.000Z");
    EXPECT_EQ(nightly.at("missed_why"), "no server was there to start it");
}

TEST_F(ScheduleRoutes, need_a_token_and_a_project) {
    EXPECT_EQ(get("/api/v2/gyre/project/git/none/schedules").status, 404);
    EXPECT_EQ(send("GET", "/api/v2/gyre/schedules", "", "").status, 401);
}

}  // namespace
}  // namespace gyre::api
