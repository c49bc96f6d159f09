// Workflows that run again: asked for, and by themselves.

#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/test_world.h"

namespace gyre::conductor {
namespace {

constexpr const char* rerun_once = R"(
version: 2.1
jobs:
  build: {docker: [{image: "debian:12"}], steps: [{run: make}]}
  test: {docker: [{image: "debian:12"}], steps: [{run: make test}]}
workflows:
  main: {max_auto_reruns: 1, jobs: [build, test: {requires: [build]}]}
)";

class RerunsTest : public World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    std::vector<Workflow> runs(const Workflow& of) {
        std::vector<Workflow> found;
        const auto ids = stores.pipeline_reads().workflows_of(of.pipeline);
        for (const auto& id : *ids) found.push_back(stores.workflow_store().load(id).value());
        return found;
    }
    Workflow failed() {
        const Workflow workflow = started();
        run(workflow, 0, Succeeded{});
        run(workflow, 1, Failed{"red"});
        return now(workflow);
    }
};

TEST_F(RerunsTest, a_failed_workflow_runs_again_by_itself_as_often_as_its_config_says) {
    git.config = rerun_once;
    const Workflow first = failed();
    EXPECT_EQ(first.status, WorkflowStatus::failed);
    carry_out_effects();
    ASSERT_EQ(runs(first).size(), 2U);
    const Workflow second = runs(first)[1];
    EXPECT_EQ(second.auto_reruns, 1);
    EXPECT_EQ(second.rerun_of, first.id);
    EXPECT_EQ(second.jobs[0].status, JobStatus::success);
    EXPECT_EQ(second.jobs[1].status, JobStatus::queued);
    run(second, 1, Failed{"red again"});
    carry_out_effects();
    EXPECT_EQ(runs(first).size(), 2U) << "once is what the config allows";
}

TEST_F(RerunsTest, an_effect_that_is_carried_out_twice_makes_one_rerun) {
    git.config = rerun_once;
    const Workflow first = failed();
    EXPECT_TRUE(conductor.rerun_by_itself(first.id).ok());
    EXPECT_TRUE(conductor.rerun_by_itself(first.id).ok());
    carry_out_effects();
    EXPECT_EQ(runs(first).size(), 2U);
}

TEST_F(RerunsTest, an_effect_that_the_database_refused_stays) {
    git.config = rerun_once;
    const Workflow first = failed();
    stores.trouble().on("workflow_store.load", 1, memory::Mishap::fails);
    carry_out_effects();
    EXPECT_EQ(runs(first).size(), 1U);
    EXPECT_EQ(stores.outbox().pending(10)->size(), 1U);
    carry_out_effects();
    EXPECT_EQ(runs(first).size(), 2U);
    EXPECT_TRUE(stores.outbox().pending(10)->empty());
}

TEST_F(RerunsTest, nothing_runs_again_by_itself_after_a_cancel_nor_on_a_laptop) {
    git.config = rerun_once;
    const Workflow canceled = started();
    ASSERT_TRUE(conductor.cancel_workflow(canceled.id, "ann").ok());
    carry_out_effects();
    EXPECT_EQ(runs(canceled).size(), 1U);
    auto local = push("run:1");
    local.kind = TriggerKind::local;
    EXPECT_EQ(workflow_of(conductor.trigger(local).value()).max_auto_reruns, 0);
}

TEST_F(RerunsTest, of_single_jobs_takes_the_wish_for_ssh_along) {
    const Workflow first = failed();
    const auto again = conductor.rerun(first.id, RerunWish({first.jobs[1].id}, true), "ann");
    ASSERT_TRUE(again.ok()) << again.error().message;
    const Workflow second = stores.workflow_store().load(*again).value();
    EXPECT_EQ(second.jobs[0].kept_from, first.jobs[0].id);
    EXPECT_TRUE(second.jobs[1].ssh);
    EXPECT_EQ(second.started_by, "ann");
    EXPECT_EQ(conductor.rerun(first.id, RerunWish(std::vector<JobId>{}), "ann").error().fault, Fault::invalid);
}

TEST_F(RerunsTest, of_failed_tests_reaches_the_jobs_that_failed) {
    const Workflow first = failed();
    RerunWish wish(RerunKind::from_failed);
    wish.failed_tests = true;
    const auto again = conductor.rerun(first.id, wish, "ann");
    ASSERT_TRUE(again.ok()) << again.error().message;
    const Workflow second = stores.workflow_store().load(*again).value();
    EXPECT_EQ(second.jobs[0].failed_tests_of, std::nullopt);
    EXPECT_EQ(second.jobs[1].failed_tests_of, first.jobs[1].id);
}

}  // namespace
}  // namespace gyre::conductor
