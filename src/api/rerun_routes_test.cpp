// Reruns of failed tests.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

namespace gyre::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RerunRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    // The workflow has ended, its job `test` with this status.
    void end(JobStatus test) {
        auto workflow = stores_.workflow_store().load({"workflow-1"}).value();
        workflow.status = WorkflowStatus::failed;
        workflow.jobs[1].status = test;
        Commit commit{.event = {"end"}, .kind = "test", .at = at(70)};
        commit.workflows.push_back(workflow);
        ASSERT_TRUE(stores_.workflow_store().commit(commit).ok());
    }
    httpd::RawAnswer rerun(const std::string& body) { return post("/api/v2/workflow/workflow-1/rerun", body); }
};

TEST_F(RerunRoutes, of_failed_tests_are_from_failed_or_of_chosen_jobs) {
    end(JobStatus::failed);
    EXPECT_EQ(rerun(R"({"failed_tests": true})").status, 202);
    EXPECT_EQ(rerun(R"({"failed_tests": true, "from_failed": true})").status, 202);
    EXPECT_EQ(rerun(R"({"failed_tests": true, "jobs": ["job-test"], "enable_ssh": true})").status, 202);
    EXPECT_EQ(rerun(R"({"failed_tests": false})").status, 202);
    EXPECT_EQ(rerun(R"({"failed_tests": null})").status, 202);
    EXPECT_THAT(conductor_.asked,
                ElementsAre("rerun workflow-1 from failed failed tests by ann",
                            "rerun workflow-1 from failed failed tests by ann",
                            "rerun workflow-1 with ssh job-test failed tests by ann",
                            "rerun workflow-1 from start by ann", "rerun workflow-1 from start by ann"));
}

TEST_F(RerunRoutes, of_failed_tests_are_refused_where_none_is_known) {
    EXPECT_EQ(rerun(R"({"failed_tests": "yes"})").status, 400);
    EXPECT_EQ(rerun(R"({"failed_tests": 1})").status, 400);
    end(JobStatus::timedout);
    const auto refused = rerun(R"({"failed_tests": true})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("No failed tests could be found"));
    EXPECT_TRUE(conductor_.asked.empty());
    EXPECT_EQ(rerun(R"({"from_failed": true})").status, 202);
}

TEST_F(RerunRoutes, of_failed_tests_are_shown) {
    auto workflow = stores_.workflow_store().load({"workflow-1"}).value();
    workflow.id = {"again"};
    workflow.version = 0;
    for (auto& job : workflow.jobs) {
        job.id.text += "-once-more";
        job.number += job.number > 0 ? 20 : 0;
    }
    workflow.jobs[1].failed_tests_of = JobId{"job-test"};
    Commit commit{.event = {"again"}, .kind = "test", .at = at(70)};
    commit.workflows.push_back(workflow);
    ASSERT_TRUE(stores_.workflow_store().commit(commit).ok());
    const auto jobs = json_of("/api/v2/workflow/again/job").at("items").as_array();
    EXPECT_FALSE(jobs[0].as_object().contains("failed_tests"));
    EXPECT_EQ(jobs[1].at("failed_tests"), true);
    EXPECT_THAT(get("/api/v2/project/git/demo/job/22").body, HasSubstr("rerun of failed tests"));
}

}  // namespace
}  // namespace gyre::api
