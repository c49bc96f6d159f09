#include "workflow/readiness.h"

#include <algorithm>

namespace gyre::workflow {
namespace {

Timestamp not_before(Timestamp at, std::optional<Timestamp> earlier) { return earlier ? std::max(at, *earlier) : at; }

// By position, as they are stored; nothing: success is asked for.
const RequiredEnd* required_end(const WorkflowJob& job, std::size_t required) {
    const auto found = std::ranges::lower_bound(job.required_ends, required, {}, &RequiredEnd::job);
    return found != job.required_ends.end() && found->job == required ? &*found : nullptr;
}

std::string why_missed(const std::vector<WorkflowJob>& jobs, const WorkflowJob& job) {
    for (const std::size_t required : job.requires_) {
        const auto& other = jobs[required];
        if (!is_terminal(other.status) || is_as_required(job, required, other.status)) continue;
        std::string wanted;
        if (const auto* end = required_end(job, required)) {
            for (const JobStatus status : end->statuses)
                wanted += (wanted.empty() ? " to be " : " or ") + std::string(name_of(status));
        }
        return "requires '" + other.name + "'" + wanted + ", which is " + std::string(name_of(other.status));
    }
    return {};
}

}  // namespace

std::vector<Task> waiting_tasks(int parallelism) {
    std::vector<Task> tasks(static_cast<std::size_t>(std::max(parallelism, 1)));
    for (int index = 0; auto& task : tasks) task.index = index++;
    return tasks;
}

bool is_as_required(const WorkflowJob& job, std::size_t required, JobStatus ended) {
    const auto* end = required_end(job, required);
    return end ? std::ranges::find(end->statuses, ended) != end->statuses.end() : ended == JobStatus::success;
}

Requirements requirements_of(const std::vector<WorkflowJob>& jobs, const WorkflowJob& job) {
    auto answer = Requirements::met;
    for (const std::size_t required : job.requires_) {
        const JobStatus status = jobs[required].status;
        if (!is_terminal(status)) {
            answer = Requirements::open;
        } else if (!is_as_required(job, required, status)) {
            return Requirements::missed;
        }
    }
    return answer;
}

void make_ready(WorkflowJob& job, Timestamp at) {
    job.queued_at = at;
    if (!job.unavailable.empty()) return end_job(job, JobStatus::failed, job.unavailable, at);
    if (job.type == JobType::no_op) return end_job(job, JobStatus::success, {}, at);
    job.status = job.type == JobType::approval ? JobStatus::on_hold : JobStatus::queued;
    for (auto& task : job.tasks) {
        task.status = TaskStatus::queued;
        task.queued_at = at;
    }
}

void end_job(WorkflowJob& job, JobStatus status, std::string reason, Timestamp at) {
    job.status = status;
    job.reason = std::move(reason);
    job.stopped_at = not_before(not_before(at, job.started_at), job.queued_at);
    for (auto& task : job.tasks) {
        task.status = TaskStatus::finished;
        task.ready_at.reset();
        if (!task.attempts.empty()) job.stopped_at = not_before(*job.stopped_at, task.attempts.back().stopped_at);
    }
}

void look_again_at(std::vector<WorkflowJob>& jobs, std::size_t position, Timestamp at) {
    auto& job = jobs[position];
    if (job.status != JobStatus::blocked) return;
    const auto requirements = requirements_of(jobs, job);
    if (requirements == Requirements::missed) end_job(job, JobStatus::not_run, why_missed(jobs, job), at);
    if (requirements == Requirements::met) make_ready(job, at);
}

std::vector<std::size_t> follow_up(std::vector<WorkflowJob>& jobs, const Dependants& dependants,
                                   std::vector<std::size_t>& ended, Timestamp at) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < ended.size(); ++i) {
        for (const std::size_t position : dependants.of(ended[i])) {
            if (jobs[position].status != JobStatus::blocked) continue;
            look_again_at(jobs, position, at);
            if (is_terminal(jobs[position].status))
                ended.push_back(position);
            else if (jobs[position].status != JobStatus::blocked)
                ready.push_back(position);
        }
    }
    return ready;
}

}  // namespace gyre::workflow
