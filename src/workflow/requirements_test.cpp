// Jobs that wait for other ends than success, jobs that run nothing, and jobs that no agent can run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflow/rerun.h"
#include "workflow/testing.h"

namespace gyre::workflow {
namespace {

using testing::Drawing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::World;

const std::vector<JobStatus> failure{JobStatus::failed, JobStatus::timedout, JobStatus::infrastructure_fail};
const std::vector<JobStatus> any_end{
    JobStatus::success,  JobStatus::failed,       JobStatus::timedout, JobStatus::infrastructure_fail,
    JobStatus::canceled, JobStatus::unauthorized, JobStatus::not_run};

World build_and_report(const std::vector<JobStatus>& statuses) {
    Drawing drawing("build -> report");
    return World(drawing.asks("report", "build", statuses));
}

TEST(Requirements, a_job_for_failures_runs_behind_a_failure) {
    World world = build_and_report(failure);
    world.fails("build");
    EXPECT_EQ(world.status("report"), JobStatus::queued);
    world.succeeds("report");
    EXPECT_EQ(world.status(), WorkflowStatus::failed);
}

TEST(Requirements, a_job_for_failures_is_not_run_behind_a_success_and_says_why) {
    World world = build_and_report(failure);
    world.succeeds("build");
    EXPECT_EQ(world.status("report"), JobStatus::not_run);
    EXPECT_EQ(world.job("report").reason,
              "requires 'build' to be failed or timedout or infrastructure_fail, which is success");
    EXPECT_EQ(world.status(), WorkflowStatus::success);
}

TEST(Requirements, a_job_for_cancels_runs_when_its_job_is_canceled_and_not_with_the_whole_workflow) {
    World one = build_and_report({JobStatus::canceled});
    one.cancels("build");
    EXPECT_EQ(one.status("report"), JobStatus::queued);
    World all = build_and_report({JobStatus::canceled});
    all.cancels_everything();
    EXPECT_EQ(all.status("report"), JobStatus::canceled);
}

TEST(Requirements, a_job_for_any_end_runs_behind_jobs_that_never_ran) {
    Drawing drawing("a -> b -> tidy, c -> tidy");
    World world(drawing.asks("tidy", "b", any_end).asks("tidy", "c", any_end));
    world.fails("a");
    EXPECT_EQ(world.status("b"), JobStatus::not_run);
    EXPECT_EQ(world.status("tidy"), JobStatus::blocked);
    world.fails("c");
    EXPECT_EQ(world.status("tidy"), JobStatus::queued);
}

TEST(Requirements, are_all_to_be_met_each_in_its_way) {
    Drawing drawing("a -> c, b -> c");
    World world(drawing.asks("c", "b", failure));
    world.fails("b");
    EXPECT_EQ(world.status("c"), JobStatus::blocked);
    world.succeeds("a");
    EXPECT_EQ(world.status("c"), JobStatus::queued);
}

TEST(Requirements, of_no_status_are_never_met) {
    World world = build_and_report({});
    world.succeeds("build");
    EXPECT_EQ(world.status("report"), JobStatus::not_run);
}

TEST(Requirements, must_be_ends_of_jobs_that_are_required) {
    Drawing stranger("a, b");
    stranger.asks("b", "a", failure);
    EXPECT_THROW(World{stranger}, std::logic_error);
    Drawing unending("a -> b");
    unending.asks("b", "a", {JobStatus::running});
    EXPECT_THROW(World{unending}, std::logic_error);
}

TEST(NoOp, succeeds_when_its_turn_comes_without_a_task) {
    World world("a -> join. -> b");
    EXPECT_EQ(world.status("join"), JobStatus::blocked);
    world.succeeds("a");
    EXPECT_EQ(world.status("join"), JobStatus::success);
    EXPECT_TRUE(world.job("join").tasks.empty());
    EXPECT_EQ(world.job("join").number, 0);
    EXPECT_EQ(world.status("b"), JobStatus::queued);
    EXPECT_THAT(world.changed(), ElementsAre("a", "join", "b"));
}

TEST(NoOp, lets_a_workflow_of_nothing_else_end_when_it_starts) {
    World world("a. -> b. -> c.");
    EXPECT_EQ(world.status(), WorkflowStatus::success);
    EXPECT_EQ(world.workflow().stopped_at, world.workflow().created_at);
    EXPECT_EQ(first_effects(world.workflow()).back(), Effect(WorkflowEnded{{"w"}, WorkflowStatus::success}));
}

TEST(Unavailable, fails_when_its_turn_comes_and_the_rest_goes_on) {
    Drawing drawing("a -> mac -> c, d");
    drawing.planned("mac").unavailable = "this server's agents do not have Macs";
    World world(drawing);
    world.succeeds("a");
    EXPECT_EQ(world.status("mac"), JobStatus::failed);
    EXPECT_EQ(world.job("mac").reason, "this server's agents do not have Macs");
    EXPECT_EQ(world.status("c"), JobStatus::not_run);
    EXPECT_EQ(world.status("d"), JobStatus::queued);
}

World again(const World& old, RerunKind kind = RerunKind::from_failed) {
    std::vector<JobId> ids;
    for (const auto& job : old.workflow().jobs) ids.push_back({job.name + "'"});
    auto made = rerun(old.workflow(), kind, {.id = {"w'"}, .at = testing::second(50), .job_ids = ids});
    if (!made) throw std::runtime_error(made.error().message);
    return World(*made);
}

TEST(RerunFromFailed, runs_the_handler_of_a_failure_again_only_if_it_fails_again) {
    World old = build_and_report(failure);
    old.fails("build");
    old.succeeds("report");
    World green = again(old);
    EXPECT_EQ(green.status("build"), JobStatus::queued);
    EXPECT_EQ(green.status("report"), JobStatus::blocked);
    green.succeeds("build");
    EXPECT_EQ(green.status("report"), JobStatus::not_run);
    EXPECT_EQ(green.status(), WorkflowStatus::success);
}

TEST(RerunFromFailed, leaves_out_what_waits_for_the_failure_of_a_kept_success) {
    Drawing drawing("a -> handler -> after, b");
    World old(drawing.asks("handler", "a", failure));
    old.succeeds("a");
    old.fails("b");
    World made = again(old);
    EXPECT_EQ(made.status("a"), JobStatus::success);
    EXPECT_EQ(made.status("handler"), JobStatus::not_run);
    EXPECT_EQ(made.status("after"), JobStatus::not_run);
    EXPECT_EQ(made.status("b"), JobStatus::queued);
    made.succeeds("b");
    EXPECT_EQ(made.status(), WorkflowStatus::success);
}

TEST(RerunFromFailed, is_refused_when_only_handlers_of_failures_did_not_run) {
    World old = build_and_report(failure);
    old.succeeds("build");
    const auto refused = jobs_to_rerun(old.workflow(), RerunKind::from_failed);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("from the start"));
}

TEST(RerunFromStart, asks_for_the_same_ends) {
    World old = build_and_report(failure);
    old.succeeds("build");
    World made = again(old, RerunKind::from_start);
    made.fails("build");
    EXPECT_EQ(made.status("report"), JobStatus::queued);
}

}  // namespace
}  // namespace gyre::workflow
