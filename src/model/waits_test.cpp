#include "model/waits.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

Timestamp second(int n) { return Timestamp{std::chrono::seconds(n)}; }

// build (running), lint (queued) -> hold -> stage -> deploy
Workflow release() {
    Workflow workflow{.id = {"w"}};
    const auto add = [&](const char* name, JobStatus status, std::vector<std::size_t> after) {
        WorkflowJob job{.id = {name}, .name = name};
        job.status = status;
        job.requires_ = std::move(after);
        if (status != JobStatus::blocked) job.queued_at = second(1);
        if (status == JobStatus::running) job.started_at = second(2);
        workflow.jobs.push_back(job);
    };
    add("build", JobStatus::running, {});
    add("lint", JobStatus::queued, {});
    add("hold", JobStatus::blocked, {0, 1});
    add("stage", JobStatus::blocked, {2});
    add("deploy", JobStatus::blocked, {3});
    workflow.jobs[2].type = JobType::approval;
    return workflow;
}

std::string why(const Workflow& workflow, std::size_t job) {
    const auto wait = explain_wait(workflow, workflow.jobs[job]);
    return wait ? explain(*wait) : "does not wait";
}

TEST(ExplainWait, a_blocked_job_names_what_it_waits_for_and_how_that_is) {
    const auto workflow = release();
    EXPECT_EQ(why(workflow, 2), "waits for jobs 'build' (running) and 'lint' (queued)");
    EXPECT_EQ(why(workflow, 4), "waits for job 'stage' (blocked)");
    const auto wait = explain_wait(workflow, workflow.jobs[2]);
    EXPECT_EQ(std::get<BlockedByJobs>(*wait).jobs[0].since, second(2));
}

TEST(ExplainWait, what_has_ended_is_waited_for_no_more) {
    auto workflow = release();
    workflow.jobs[0].status = JobStatus::success;
    EXPECT_EQ(why(workflow, 2), "waits for job 'lint' (queued)");
    EXPECT_EQ(why(workflow, 0), "does not wait");
    EXPECT_EQ(why(workflow, 1), "does not wait") << "a queued job waits for a machine: placement says why";
}

TEST(ExplainWait, an_approval_says_since_when_and_is_named_by_all_that_are_behind_it) {
    auto workflow = release();
    workflow.jobs[0].status = workflow.jobs[1].status = JobStatus::success;
    workflow.jobs[2].status = JobStatus::on_hold;
    workflow.jobs[2].queued_at = second(60);
    EXPECT_EQ(why(workflow, 2),
              "waits for approval since " + to_iso(second(60)) + "; it goes on when somebody approves 'hold'");
    EXPECT_EQ(why(workflow, 3), "waits for job 'hold' (waits for approval since " + to_iso(second(60)) + ")");
    EXPECT_EQ(why(workflow, 4), "waits for job 'stage' (blocked); behind that is 'hold' (waits for approval since " +
                                    to_iso(second(60)) + ")");
}

TEST(ExplainWait, a_long_list_is_cut_and_counted) {
    Workflow workflow;
    WorkflowJob last{.name = "last"};
    for (std::size_t i = 0; i < 9; ++i) {
        WorkflowJob job{.id = {std::to_string(i)}, .name = "j" + std::to_string(i)};
        job.status = JobStatus::queued;
        workflow.jobs.push_back(job);
        last.requires_.push_back(i);
    }
    workflow.jobs.push_back(last);
    EXPECT_TRUE(why(workflow, 9).ends_with("'j4' (queued) and 4 more")) << why(workflow, 9);
}

TEST(ExplainWait, requirements_that_are_not_there_do_no_harm) {
    Workflow workflow;
    WorkflowJob lost{.name = "lost"};
    lost.requires_ = {7};
    workflow.jobs.push_back(lost);
    EXPECT_EQ(why(workflow, 0), "does not wait");
}

}  // namespace
}  // namespace gyre
