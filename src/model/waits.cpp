#include "model/waits.h"

namespace gyre {
namespace {

constexpr std::size_t most_named = 5;  // jobs in one sentence

BlockingJob blocking(const WorkflowJob& job) {
    return {job.id, job.name, job.status, job.status == JobStatus::running ? job.started_at : job.queued_at};
}

// The approvals on hold that stand before the job, through any number of blocked ones.
std::vector<BlockingJob> approvals_before(const Workflow& workflow, const WorkflowJob& job) {
    std::vector<BlockingJob> found;
    std::vector<bool> seen(workflow.jobs.size());
    std::vector<const WorkflowJob*> open{&job};
    while (!open.empty()) {
        const WorkflowJob& next = *open.back();
        open.pop_back();
        for (const std::size_t required : next.requires_) {
            if (required >= seen.size() || seen[required]) continue;
            seen[required] = true;
            const WorkflowJob& other = workflow.jobs[required];
            if (other.status == JobStatus::blocked) open.push_back(&other);
            if (other.status == JobStatus::on_hold) found.push_back(blocking(other));
        }
    }
    return found;
}

std::string named(const BlockingJob& job) {
    std::string text = "'" + job.job_name + "' (";
    if (job.status != JobStatus::on_hold) return text + std::string(name_of(job.status)) + ")";
    return text + "waits for approval" + (job.since ? " since " + to_iso(*job.since) : "") + ")";
}

std::string list(const std::vector<BlockingJob>& jobs) {
    std::string text;
    for (std::size_t i = 0; i < jobs.size() && i < most_named; ++i) {
        if (i > 0) text += i + 1 == jobs.size() ? " and " : ", ";
        text += named(jobs[i]);
    }
    if (jobs.size() > most_named) text += " and " + std::to_string(jobs.size() - most_named) + " more";
    return text;
}

struct Sentence {
    std::string operator()(const WaitsForApproval& wait) const {
        return "waits for approval" + (wait.since ? " since " + to_iso(*wait.since) : "") +
               "; it goes on when somebody approves '" + wait.job_name + "'";
    }
    std::string operator()(const BlockedByJobs& wait) const {
        std::string text = "waits for " + std::string(wait.jobs.size() == 1 ? "job " : "jobs ") + list(wait.jobs);
        std::vector<BlockingJob> behind;
        for (const auto& approval : wait.approvals) {
            bool told = false;
            for (const auto& job : wait.jobs) told = told || job.job == approval.job;
            if (!told) behind.push_back(approval);
        }
        if (!behind.empty()) text += "; behind that is " + list(behind);
        return text;
    }
};

}  // namespace

std::optional<WorkflowWait> explain_wait(const Workflow& workflow, const WorkflowJob& job) {
    if (job.status == JobStatus::on_hold) return WaitsForApproval{job.id, job.name, job.queued_at};
    if (job.status != JobStatus::blocked) return std::nullopt;
    BlockedByJobs blocked;
    for (const std::size_t required : job.requires_) {
        if (required >= workflow.jobs.size()) continue;
        const auto& other = workflow.jobs[required];
        if (!is_terminal(other.status)) blocked.jobs.push_back(blocking(other));
    }
    if (blocked.jobs.empty()) return std::nullopt;  // what it requires has ended: it is about to move
    blocked.approvals = approvals_before(workflow, job);
    return blocked;
}

std::string explain(const WorkflowWait& wait) { return std::visit(Sentence{}, wait); }

}  // namespace gyre
