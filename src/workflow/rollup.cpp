#include "workflow/rollup.h"

namespace gyre::workflow {
namespace {

struct Tally {
    int waiting = 0;  // blocked: says nothing by itself
    int active = 0;
    int on_hold = 0;
    int failed = 0;
    int unauthorized = 0;
    int canceled = 0;
    int success = 0;

    void count(JobStatus status) {
        switch (status) {
            case JobStatus::blocked:
                ++waiting;
                break;
            case JobStatus::queued:
            case JobStatus::running:
                ++active;
                break;
            case JobStatus::on_hold:
                ++on_hold;
                break;
            case JobStatus::success:
                ++success;
                break;
            case JobStatus::failed:
            case JobStatus::timedout:
            case JobStatus::infrastructure_fail:
                ++failed;
                break;
            case JobStatus::canceled:
                ++canceled;
                break;
            case JobStatus::unauthorized:
                ++unauthorized;
                break;
            case JobStatus::not_run:
                break;
        }
    }
};

WorkflowStatus unfinished(const Tally& jobs) {
    if (jobs.failed + jobs.unauthorized > 0) return WorkflowStatus::failing;
    if (jobs.on_hold > 0 && jobs.active == 0) return WorkflowStatus::on_hold;
    return WorkflowStatus::running;
}

WorkflowStatus finished(const Tally& jobs, bool whole_canceled) {
    if (whole_canceled) return WorkflowStatus::canceled;
    if (jobs.failed > 0) return WorkflowStatus::failed;
    if (jobs.unauthorized > 0) return WorkflowStatus::unauthorized;
    if (jobs.canceled > 0) return WorkflowStatus::canceled;
    return jobs.success > 0 ? WorkflowStatus::success : WorkflowStatus::not_run;
}

}  // namespace

WorkflowStatus rollup(const Workflow& workflow) {
    Tally jobs;
    for (const auto& job : workflow.jobs) jobs.count(job.status);
    if (jobs.waiting + jobs.active + jobs.on_hold > 0) return unfinished(jobs);
    return finished(jobs, !workflow.canceled_by.empty());
}

}  // namespace gyre::workflow
