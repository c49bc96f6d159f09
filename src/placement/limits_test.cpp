#include "placement/limits.h"

#include <gmock/gmock.h>

#include "placement/test_plan.h"

namespace gyre::placement {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LimitsTest : public ::testing::Test {
protected:
    void wants(const std::string& job, const std::string& project) {
        tasks.push_back({.attempt = {{job}, 0, 1}, .job_name = job, .project = {project}, .need = {1000, 1024}});
        tasks.back().position = static_cast<std::int64_t>(tasks.size());
    }
    void runs(const std::string& project, int count = 1) {
        for (int i = 0; i < count; ++i)
            running.push_back({{{"r" + std::to_string(running.size())}, 0, 1}, {project}, "here", {1000, 1024}});
    }
    std::vector<std::string> placed() {
        plan = place(tasks, running, {{.name = "here", .total = {8000, 64'000}, .clamp = false}}, Timestamp{}, rules);
        return names_of_placed(plan);
    }
    std::string why(const std::string& job) const { return why_waits(plan, job); }

    std::vector<WantedTask> tasks;
    std::vector<RunningTask> running;
    Rules rules;
    Placement plan;
};

TEST_F(LimitsTest, a_project_starts_no_more_than_it_may) {
    rules.queue.projects[{"shop"}] = {"gh/acme/shop", {.most_tasks = 2}};
    runs("shop");
    wants("a", "shop"), wants("b", "shop"), wants("c", "shop"), wants("other", "till");
    EXPECT_THAT(placed(), ElementsAre("other", "a"));
    EXPECT_EQ(why("b"),
              "project gh/acme/shop may have 2 running tasks at a time and has 2; it starts when one of them ends or "
              "the limit is raised");
    EXPECT_EQ(plan.waiting[1].ahead, 1) << "'b' waits for the same limit before it";
}

TEST_F(LimitsTest, an_organization_counts_all_its_projects) {
    rules.queue.organizations["gh/acme"] = 3;
    rules.queue.organization_of = {{{"shop"}, "gh/acme"}, {{"till"}, "gh/acme"}, {{"toy"}, "git"}};
    runs("shop", 2);
    wants("a", "shop"), wants("b", "till"), wants("c", "toy");
    EXPECT_THAT(placed(), ElementsAre("b", "c"));
    EXPECT_EQ(why("a").substr(0, 28), "organization gh/acme may hav");
}

TEST_F(LimitsTest, nothing_starts_where_none_may) {
    rules.queue.projects[{"shop"}] = {"git/shop", {.most_tasks = 0}};
    wants("a", "shop");
    EXPECT_THAT(placed(), IsEmpty());
    EXPECT_EQ(std::get<LimitReached>(plan.waiting[0].reason), (LimitReached{"project", "git/shop", 0, 0}));
}

TEST_F(LimitsTest, what_was_lowered_below_what_runs_starts_nothing_until_enough_has_ended) {
    rules.queue.projects[{"shop"}] = {"git/shop", {.most_tasks = 1}};
    runs("shop", 3);
    wants("a", "shop");
    EXPECT_THAT(placed(), IsEmpty());
}

TEST_F(LimitsTest, a_task_over_its_limit_holds_no_machine) {
    rules.queue.projects[{"shop"}] = {"git/shop", {.most_tasks = 1}};
    rules.hold_after = Duration{0};
    runs("shop", 1);
    wants("big", "shop"), wants("small", "till");
    tasks[0].need = {8000, 1024};
    tasks[0].queued_at = Timestamp{} - std::chrono::hours(1);
    EXPECT_THAT(placed(), ElementsAre("small"));
}

}  // namespace
}  // namespace gyre::placement
