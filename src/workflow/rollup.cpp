#include "workflow/rollup.h"

namespace gyre::workflow {

void Tally::add(JobStatus status, int count) {
    switch (status) {
        case JobStatus::blocked:
            waiting_ += count;
            break;
        case JobStatus::queued:
        case JobStatus::running:
            active_ += count;
            break;
        case JobStatus::on_hold:
            on_hold_ += count;
            break;
        case JobStatus::success:
            success_ += count;
            break;
        case JobStatus::failed:
        case JobStatus::timedout:
        case JobStatus::infrastructure_fail:
            failed_ += count;
            break;
        case JobStatus::canceled:
            canceled_ += count;
            break;
        case JobStatus::unauthorized:
            unauthorized_ += count;
            break;
        case JobStatus::not_run:
            break;
    }
}

WorkflowStatus Tally::status(bool whole_canceled) const {
    if (waiting_ + active_ + on_hold_ > 0) {
        if (failed_ + unauthorized_ > 0) return WorkflowStatus::failing;
        return on_hold_ > 0 && active_ == 0 ? WorkflowStatus::on_hold : WorkflowStatus::running;
    }
    if (whole_canceled) return WorkflowStatus::canceled;
    if (failed_ > 0) return WorkflowStatus::failed;
    if (unauthorized_ > 0) return WorkflowStatus::unauthorized;
    if (canceled_ > 0) return WorkflowStatus::canceled;
    return success_ > 0 ? WorkflowStatus::success : WorkflowStatus::not_run;
}

WorkflowStatus rollup(const Workflow& workflow) {
    Tally jobs;
    for (const auto& job : workflow.jobs) jobs.add(job.status);
    return jobs.status(!workflow.canceled_by.empty());
}

}  // namespace gyre::workflow
