#include "workflow/readiness.h"

#include <algorithm>

namespace gyre::workflow {

std::vector<Task> waiting_tasks(int parallelism) {
    std::vector<Task> tasks(static_cast<std::size_t>(std::max(parallelism, 1)));
    for (int index = 0; auto& task : tasks) task.index = index++;
    return tasks;
}

bool requirements_met(const std::vector<WorkflowJob>& jobs, const WorkflowJob& job) {
    return std::ranges::all_of(job.requires_,
                               [&](auto required) { return jobs[required].status == JobStatus::success; });
}

void make_ready(WorkflowJob& job, Timestamp at) {
    job.queued_at = at;
    job.status = job.type == JobType::approval ? JobStatus::on_hold : JobStatus::queued;
    for (auto& task : job.tasks) {
        task.status = TaskStatus::queued;
        task.queued_at = at;
    }
}

}  // namespace gyre::workflow
