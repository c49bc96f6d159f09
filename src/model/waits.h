#pragma once

// Why a job waits that is no queued task yet: it is behind other jobs, or a person is asked. What queued tasks wait
// for, placement says (placement/reason.h). Pure.

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/workflow.h"

namespace gyre {

struct WaitsForApproval {
    static constexpr std::string_view kind = "approval";
    JobId job;  // the approval job: the waiting one itself
    std::string job_name;
    std::optional<Timestamp> since;
    bool operator==(const WaitsForApproval&) const = default;
};
struct BlockingJob {
    JobId job;
    std::string job_name;
    JobStatus status = JobStatus::blocked;
    std::optional<Timestamp> since;  // when it came to wait or run; nothing while it is blocked itself
    bool operator==(const BlockingJob&) const = default;
};
struct BlockedByJobs {  // those of its requirements that have not ended, in their order
    static constexpr std::string_view kind = "blocked";
    std::vector<BlockingJob> jobs;
    std::vector<BlockingJob> approvals;  // behind them, that wait for a person: nothing moves before
    bool operator==(const BlockedByJobs&) const = default;
};
using WorkflowWait = std::variant<WaitsForApproval, BlockedByJobs>;

BOOST_DESCRIBE_STRUCT(WaitsForApproval, (), (job, job_name, since))
BOOST_DESCRIBE_STRUCT(BlockingJob, (), (job, job_name, status, since))
BOOST_DESCRIBE_STRUCT(BlockedByJobs, (), (jobs, approvals))

// Nothing for jobs that are queued, run or have ended. `job` is one of the workflow's.
std::optional<WorkflowWait> explain_wait(const Workflow& workflow, const WorkflowJob& job);

// One sentence: "waits for job 'build' (running) and ...".
std::string explain(const WorkflowWait& wait);

}  // namespace gyre
