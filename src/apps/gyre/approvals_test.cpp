#include "apps/gyre/approvals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/stores.h"

namespace gyre::apps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NotingDoor final : public FrontDoor {
public:
    Result<PipelineId> trigger(const Trigger&) override { return PipelineId{}; }
    Result<void> continue_pipeline(const HandedOver&) override { return {}; }
    Result<void> handle(const Event& event) override {
        if (const auto* yes = std::get_if<ApproveAsked>(&event))
            noted.push_back("approve " + yes->job.text + " by " + yes->by);
        if (const auto* no = std::get_if<CancelAsked>(&event)) noted.push_back("cancel " + no->job->text);
        return {};
    }
    Result<void> cancel_workflow(const WorkflowId&, const std::string&) override { return {}; }
    Result<WorkflowId> rerun(const WorkflowId&, const RerunWish&, const std::string&) override { return WorkflowId{}; }

    std::vector<std::string> noted;
};

class ApprovalsTest : public testing::Test {
protected:
    // A workflow with an approval on hold, named "hold", and a job of this status.
    void store(JobStatus other) {
        Workflow workflow{.id = {"w"}, .name = "main"};
        workflow.jobs = {{.id = {"h"}, .name = "hold", .type = JobType::approval, .status = JobStatus::on_hold},
                         {.id = {"o"}, .name = "other", .status = other}};
        Commit commit{.event = {"e"}};
        commit.workflows.push_back(workflow);
        ASSERT_TRUE(stores.workflow_store().commit(commit).ok());
    }
    Approvals approvals(std::vector<std::string> given, Approvals::Ask ask = {}) {
        return {door, stores.workflow_store(), std::move(given), std::move(ask), "ann"};
    }
    void look(Approvals& approvals) { ASSERT_TRUE(approvals.look({{"w"}}).ok()); }

    memory::MemoryStores stores;
    NotingDoor door;
};

TEST_F(ApprovalsTest, that_were_given_are_taken_while_other_jobs_run) {
    store(JobStatus::running);
    for (const std::string name : {"hold", "all"}) {
        auto given = approvals({"else", name});
        look(given);
    }
    EXPECT_THAT(door.noted, ElementsAre("approve h by ann", "approve h by ann"));
}

TEST_F(ApprovalsTest, are_asked_for_when_nothing_else_can_run) {
    store(JobStatus::success);
    std::string asked;
    auto yes = approvals({}, [&](const std::string& question) {
        asked = question;
        return std::optional(true);
    });
    look(yes);
    EXPECT_NE(asked.find("'hold'"), std::string::npos) << asked;
    auto no = approvals({}, [](const std::string&) { return std::optional(false); });
    look(no);
    EXPECT_THAT(door.noted, ElementsAre("approve h by ann", "cancel h"));
    EXPECT_FALSE(no.missed());
}

TEST_F(ApprovalsTest, are_not_asked_for_while_a_job_runs) {
    store(JobStatus::running);
    auto early = approvals({});
    look(early);
    EXPECT_FALSE(early.missed());
    EXPECT_THAT(door.noted, IsEmpty());
}

TEST_F(ApprovalsTest, that_nobody_can_give_end_the_run) {
    store(JobStatus::success);
    auto nobody = approvals({"another"});
    look(nobody);
    EXPECT_TRUE(nobody.missed());
    EXPECT_THAT(door.noted, ElementsAre("cancel h"));
}

}  // namespace
}  // namespace gyre::apps
