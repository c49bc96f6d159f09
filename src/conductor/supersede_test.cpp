#include "conductor/supersede.h"

#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/test_world.h"

namespace gyre::conductor {
namespace {

TEST(AutoCancel, is_for_pushes_and_requests_on_other_branches_than_the_default_one) {
    const Project on{.default_branch = "main", .auto_cancel = true};
    const auto takes_part = [&](TriggerKind kind, const std::string& branch, const Project& project) {
        return takes_part_in_auto_cancel({.kind = kind, .branch = branch}, project);
    };
    EXPECT_TRUE(takes_part(TriggerKind::webhook, "topic", on));
    EXPECT_TRUE(takes_part(TriggerKind::api, "topic", on));
    EXPECT_FALSE(takes_part(TriggerKind::schedule, "topic", on));
    EXPECT_FALSE(takes_part(TriggerKind::local, "topic", on));
    EXPECT_FALSE(takes_part(TriggerKind::webhook, "main", on));
    EXPECT_FALSE(takes_part(TriggerKind::webhook, "", on)) << "a tag";
    EXPECT_FALSE(takes_part(TriggerKind::webhook, "topic", {.default_branch = "main"})) << "off by default";
}

class AutoCancelTest : public World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    AutoCancelTest() { set(true); }
    void set(bool on) {
        EXPECT_TRUE(stores.project_store().change({"p"}, {.default_branch = "main", .auto_cancel = on}).ok());
    }
    Workflow pushed(const std::string& id, const std::string& branch = "topic",
                    TriggerKind kind = TriggerKind::webhook) {
        auto trigger = push(id);
        trigger.branch = branch;
        trigger.kind = kind;
        return workflow_of(conductor.trigger(trigger).value());
    }
    WorkflowStatus status(const Workflow& workflow) { return now(workflow).status; }
};

TEST_F(AutoCancelTest, a_newer_push_of_the_branch_cancels_what_still_runs) {
    const Workflow first = pushed("1");
    const Workflow other = pushed("2", "other");
    const Workflow second = pushed("3");
    carry_out_effects();
    EXPECT_EQ(status(first), WorkflowStatus::canceled);
    EXPECT_EQ(now(first).canceled_by, "auto-cancel (pipeline 3 is newer)");
    EXPECT_EQ(status(other), WorkflowStatus::running);
    EXPECT_EQ(status(second), WorkflowStatus::running);
}

TEST_F(AutoCancelTest, the_default_branch_is_spared_and_so_is_everything_while_it_is_off) {
    const Workflow first = pushed("1", "main");
    pushed("2", "main");
    carry_out_effects();
    EXPECT_EQ(status(first), WorkflowStatus::running);
    set(false);
    const Workflow third = pushed("3");
    pushed("4");
    carry_out_effects();
    EXPECT_EQ(status(third), WorkflowStatus::running);
}

TEST_F(AutoCancelTest, the_newest_stays_in_whichever_order_the_effects_are_carried_out) {
    const Workflow first = pushed("1");
    const Workflow second = pushed("2");
    EXPECT_TRUE(conductor.cancel_superseded(second.pipeline).ok());
    EXPECT_TRUE(conductor.cancel_superseded(first.pipeline).ok());
    EXPECT_TRUE(conductor.cancel_superseded(second.pipeline).ok());
    EXPECT_EQ(status(first), WorkflowStatus::canceled);
    EXPECT_EQ(status(second), WorkflowStatus::running);
}

TEST_F(AutoCancelTest, a_rerun_that_somebody_asked_for_is_spared) {
    const Workflow first = pushed("1", "topic", TriggerKind::api);
    ASSERT_TRUE(conductor.cancel_workflow(first.id, "ann").ok());
    const auto again = conductor.rerun(first.id, RerunKind::from_start, "ann").value();
    pushed("2");
    carry_out_effects();
    EXPECT_EQ(stores.workflow_store().load(again)->status, WorkflowStatus::running);
}

TEST_F(AutoCancelTest, a_workflow_that_waits_for_an_approval_counts_like_one_that_runs) {
    git.config = R"(
version: 2.1
jobs: {ship: {docker: [{image: "debian:12"}], steps: [{run: make ship}]}}
workflows: {main: {jobs: [hold: {type: approval}, ship: {requires: [hold]}]}}
)";
    const Workflow first = pushed("1");
    EXPECT_EQ(status(first), WorkflowStatus::on_hold);
    pushed("2");
    carry_out_effects();
    EXPECT_EQ(status(first), WorkflowStatus::canceled);
}

TEST_F(AutoCancelTest, a_pipeline_that_runs_nothing_supersedes_nothing) {
    const Workflow first = pushed("1");
    git.subject = "[skip ci]";
    auto skipped = push("2");
    skipped.branch = "topic";
    ASSERT_TRUE(conductor.trigger(skipped).ok());
    carry_out_effects();
    EXPECT_EQ(status(first), WorkflowStatus::running);
}

}  // namespace
}  // namespace gyre::conductor
