#include "workflow/rollup.h"

#include <gtest/gtest.h>

namespace gyre::workflow {
namespace {

struct Row {
    std::vector<JobStatus> jobs;
    WorkflowStatus status;
    bool canceled = false;
};

TEST(Rollup, follows_its_rules) {
    using enum JobStatus;
    const std::vector<Row> rows{
        // 1. failing
        {{failed, running}, WorkflowStatus::failing},
        {{timedout, queued}, WorkflowStatus::failing},
        {{infrastructure_fail, on_hold}, WorkflowStatus::failing},
        {{JobStatus::unauthorized, running}, WorkflowStatus::failing},
        // 2. on_hold
        {{success, on_hold, blocked}, WorkflowStatus::on_hold},
        {{canceled, on_hold}, WorkflowStatus::on_hold},
        // 3. running
        {{queued}, WorkflowStatus::running},
        {{running, on_hold}, WorkflowStatus::running},
        {{canceled, not_run, running}, WorkflowStatus::running},
        // 4. canceled as a whole
        {{failed, canceled}, WorkflowStatus::canceled, true},
        // 5. failed
        {{failed, canceled, success}, WorkflowStatus::failed},
        {{timedout, not_run}, WorkflowStatus::failed},
        {{infrastructure_fail}, WorkflowStatus::failed},
        {{JobStatus::unauthorized, failed}, WorkflowStatus::failed},
        {{JobStatus::unauthorized, not_run}, WorkflowStatus::unauthorized},
        // 6. canceled, one by one
        {{canceled, success, not_run}, WorkflowStatus::canceled},
        // 7. success
        {{success, success}, WorkflowStatus::success},
        {{success, not_run}, WorkflowStatus::success},
        // 8. not_run
        {{not_run}, WorkflowStatus::not_run},
        {{}, WorkflowStatus::not_run},
    };
    for (const auto& row : rows) {
        Workflow workflow;
        std::string shown;
        for (const auto status : row.jobs) {
            workflow.jobs.push_back({.status = status});
            shown += std::string(name_of(status)) + " ";
        }
        if (row.canceled) workflow.canceled_by = "ann";
        EXPECT_EQ(name_of(rollup(workflow)), name_of(row.status)) << shown;
    }
}

}  // namespace
}  // namespace gyre::workflow
