#include "workflow/start.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using testing::Drawing;
using ::testing::ElementsAre;
using testing::World;

Workflow start_planned(const Plan& plan, const std::vector<JobId>& ids) {
    return start(plan, plan.workflows.front(), {.id = {"w"}, .job_ids = ids});
}

TEST(Start, queues_what_requires_nothing_and_blocks_the_rest) {
    World world("build -> deploy, lint, approve? -> deploy, lint -> sign?");
    EXPECT_EQ(world.status("build"), JobStatus::queued);
    EXPECT_EQ(world.status("lint"), JobStatus::queued);
    EXPECT_EQ(world.status("approve"), JobStatus::on_hold);
    EXPECT_EQ(world.status("sign"), JobStatus::blocked);
    EXPECT_EQ(world.status("deploy"), JobStatus::blocked);
    EXPECT_EQ(world.status(), WorkflowStatus::running);
}

TEST(Start, makes_one_task_a_parallel_slice) {
    World world("test*3 -> next*2");
    ASSERT_EQ(world.job("test").tasks.size(), 3u);
    EXPECT_EQ(world.task("test", 2).index, 2);
    EXPECT_EQ(world.task("test", 2).status, TaskStatus::queued);
    EXPECT_EQ(world.task("test", 2).queued_at, testing::second(0));
    EXPECT_EQ(world.task("next", 1).status, TaskStatus::waiting);
}

TEST(Start, numbers_the_jobs_but_not_the_approvals) {
    const Drawing drawing("a -> hold? -> b, c");
    EXPECT_EQ(numbers_needed(drawing.workflow()), 3);
    const auto ids = testing::ids_like_names(drawing.workflow());
    const auto made = start(drawing.plan(), drawing.workflow(), {.id = {"w"}, .job_ids = ids, .first_number = 40});
    std::vector<std::int64_t> numbers;
    for (const auto& job : made.jobs) numbers.push_back(job.number);
    EXPECT_THAT(numbers, ElementsAre(40, 0, 41, 42));
    EXPECT_EQ(made.workspace, made.id);
}

TEST(Start, requirements_may_point_forwards_and_repeat) {
    Plan plan = Drawing("a, b").plan();
    plan.workflows[0].jobs[0].requires_ = {"b", "b"};
    const auto made = start_planned(plan, {{"1"}, {"2"}});
    EXPECT_THAT(made.jobs[0].requires_, ElementsAre(1u));
    EXPECT_EQ(made.jobs[0].status, JobStatus::blocked);
}

TEST(Start, is_on_hold_when_only_approvals_can_act) {
    World world("approve? -> deploy");
    EXPECT_EQ(world.status(), WorkflowStatus::on_hold);
    EXPECT_TRUE(first_effects(world.workflow()).empty());
}

TEST(Start, wakes_dispatch_when_there_is_something_to_place) {
    EXPECT_THAT(first_effects(World("a").workflow()), ElementsAre(Effect(WakeDispatch{})));
}

TEST(Start, refuses_what_config_never_makes) {
    const std::vector<JobId> two{{"1"}, {"2"}};
    Plan unknown = Drawing("a, b").plan();
    unknown.workflows[0].jobs[0].requires_ = {"c"};
    EXPECT_THROW(start_planned(unknown, two), std::logic_error);

    Plan cycle = Drawing("a -> b").plan();
    cycle.workflows[0].jobs[0].requires_ = {"b"};
    EXPECT_THROW(start_planned(cycle, two), std::logic_error);

    Plan self = Drawing("a, b").plan();
    self.workflows[0].jobs[0].requires_ = {"a"};
    EXPECT_THROW(start_planned(self, two), std::logic_error);

    Plan twins = Drawing("a, b").plan();
    twins.workflows[0].jobs[1].name = "a";
    EXPECT_THROW(start_planned(twins, two), std::logic_error);

    Plan no_spec = Drawing("a, b").plan();
    no_spec.workflows[0].jobs[1].spec = 7;
    EXPECT_THROW(start_planned(no_spec, two), std::logic_error);

    EXPECT_THROW(start_planned(Drawing("a").plan(), two), std::logic_error);
    Plan empty;
    empty.workflows.push_back({.name = "main"});
    EXPECT_THROW(start_planned(empty, {}), std::logic_error);
}

}  // namespace
}  // namespace gyre::workflow
