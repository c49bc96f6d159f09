#include "workflow/mend.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "workflow/check.h"
#include "workflow/readiness.h"
#include "workflow/retry.h"
#include "workflow/rollup.h"
#include "workflow/verdict.h"

namespace gyre::workflow {
namespace {

constexpr const char* by_doctor = "gyre doctor";
constexpr const char* why_over = "ended by gyre doctor: its job was over";
constexpr const char* why_lost = "ended by gyre doctor: it was lost";

bool lives(const Task& task) { return !task.attempts.empty() && task.attempts.back().state != AttemptState::finished; }
bool all_finished(const WorkflowJob& job) {
    return !job.tasks.empty() &&
           std::ranges::all_of(job.tasks, [](const Task& task) { return task.status == TaskStatus::finished; });
}

// That of an attempt whose job ended so; nobody knows more of it.
Outcome outcome_like(JobStatus status) {
    switch (status) {
        case JobStatus::success:
            return Succeeded{};
        case JobStatus::failed:
            return Failed{why_over};
        case JobStatus::timedout:
            return TimedOut{why_over};
        case JobStatus::infrastructure_fail:
            return InfrastructureFailed{why_over, false};
        default:
            return Canceled{};
    }
}

// A graph that cannot be right leads nowhere.
bool has_graph(const std::vector<Finding>& findings) {
    static const std::set<std::string> of_graphs{"has-jobs", "job-id", "requires"};
    return std::ranges::none_of(findings, [](const Finding& finding) { return of_graphs.contains(finding.rule); });
}

class Mending {
public:
    Mending(Workflow& workflow, Timestamp at) : workflow_(workflow), at_(std::max(at, workflow.created_at)) {}

    void all() {
        const bool was_over = is_terminal(workflow_.status);
        for (std::size_t position = 0; position < workflow_.jobs.size(); ++position) {
            auto& job = workflow_.jobs[position];
            if (is_terminal(job.status)) {
                end_tasks(job);
                settle_end(job);
                continue;
            }
            job.stopped_at.reset();
            settle(job);
            for (auto& task : job.tasks) settle(task, job.status == JobStatus::blocked);
            if (all_finished(job)) end_with_tasks(position);
            if (was_over && !is_terminal(job.status)) cancel(position, "its workflow had ended");
            if (job.status == JobStatus::queued && !all_queued(job)) job.status = JobStatus::running;
        }
        look_at_blocked();
        settle_status();
    }

private:
    static bool all_queued(const WorkflowJob& job) {
        return std::ranges::all_of(job.tasks, [](const Task& task) { return task.status == TaskStatus::queued; });
    }
    static void close(Attempt& attempt, const Outcome& outcome, Timestamp at) {
        attempt.state = AttemptState::finished;
        attempt.stopped_at = std::max(at, attempt.started_at.value_or(attempt.placed_at));
        attempt.outcome = outcome;
    }
    void end_tasks(WorkflowJob& job) {
        const bool agent_may_tell = is_stopped(job);
        for (auto& task : job.tasks) {
            task.status = TaskStatus::finished;
            task.ready_at.reset();
            if (lives(task) && !agent_may_tell)
                close(task.attempts.back(), outcome_like(job.status), job.stopped_at.value_or(at_));
        }
    }
    // A job that a rerun kept has the times of another.
    void settle_end(WorkflowJob& job) const {
        if (job.stopped_at || job.kept_from) return;
        job.stopped_at = std::max(job.created_at, job.started_at.value_or(job.created_at));
        for (const auto& task : job.tasks) {
            if (!task.attempts.empty()) job.stopped_at = std::max(job.stopped_at, task.attempts.back().stopped_at);
        }
    }
    // An open job is one that its type knows, and is not blocked when something of it was tried.
    static void settle(WorkflowJob& job) {
        if (job.type != JobType::build) {
            if (job.status != JobStatus::on_hold || job.type != JobType::approval) job.status = JobStatus::blocked;
            return;
        }
        const bool tried = std::ranges::any_of(job.tasks, [](const Task& task) { return !task.attempts.empty(); });
        if (job.status == JobStatus::on_hold || (job.status == JobStatus::blocked && tried))
            job.status = JobStatus::queued;
        if (job.status != JobStatus::blocked) return;
        for (auto& task : job.tasks) task = {.index = task.index};
    }
    void settle(Task& task, bool may_wait) {
        bool lost = false;  // its last attempt, now
        for (auto& attempt : task.attempts) {
            const bool last = &attempt == &task.attempts.back();
            const bool may_live = last && (task.status == TaskStatus::placed || task.status == TaskStatus::running);
            if (attempt.state == AttemptState::finished || may_live) continue;
            close(attempt, InfrastructureFailed{why_lost}, at_);
            lost = last;
        }
        const bool is_out_of_place = task.status == TaskStatus::waiting    ? !may_wait
                                     : task.status == TaskStatus::queued   ? false
                                     : task.status == TaskStatus::finished ? lost
                                                                           : !lives(task);
        if (is_out_of_place) return try_again_or_end(task);
        if (lives(task) && task.status != TaskStatus::finished)
            task.status = task.attempts.back().state == AttemptState::placed ? TaskStatus::placed : TaskStatus::running;
    }
    void try_again_or_end(Task& task) {
        auto* last = task.attempts.empty() ? nullptr : &task.attempts.back();
        if (last && !last->outcome) close(*last, InfrastructureFailed{why_lost}, last->stopped_at.value_or(at_));
        const bool again = !last || may_retry(task, *last->outcome);
        task.status = again ? TaskStatus::queued : TaskStatus::finished;
        if (again) task.queued_at = last && last->stopped_at ? last->stopped_at : std::optional(at_);
        if (again && last) task.ready_at = *task.queued_at + retry_wait(attempts_that_count(task));
    }
    void end_with_tasks(std::size_t position) {
        auto& job = workflow_.jobs[position];
        const bool ran = std::ranges::all_of(
            job.tasks, [](const Task& task) { return !task.attempts.empty() && task.attempts.back().outcome; });
        if (!job.canceled_by.empty() || !ran) return cancel(position, "its tasks had ended");
        auto [status, reason] = verdict(job);
        // Not before its last attempt's end, and no later.
        end_job(job, status, std::move(reason), job.created_at);
        ended_.push_back(position);
    }
    void cancel(std::size_t position, const char* why) {
        auto& job = workflow_.jobs[position];
        const bool asked = !job.canceled_by.empty();
        if (!asked) job.canceled_by = by_doctor;
        for (auto& task : job.tasks) {
            if (lives(task)) close(task.attempts.back(), Canceled{}, at_);
        }
        end_job(job, JobStatus::canceled, "canceled by " + job.canceled_by + (asked ? "" : std::string(": ") + why),
                at_);
        ended_.push_back(position);
    }
    void look_at_blocked() {
        for (std::size_t position = 0; position < workflow_.jobs.size(); ++position) {
            if (workflow_.jobs[position].status != JobStatus::blocked) continue;
            look_again_at(workflow_.jobs, position, at_);
            if (is_terminal(workflow_.jobs[position].status)) ended_.push_back(position);
        }
        follow_up(workflow_.jobs, Dependants(workflow_.jobs), ended_, at_);
    }
    void settle_status() {
        workflow_.status = rollup(workflow_);
        if (!is_terminal(workflow_.status)) {
            workflow_.stopped_at.reset();
        } else if (!workflow_.stopped_at) {
            workflow_.stopped_at = workflow_.created_at;
            for (const auto& job : workflow_.jobs)
                workflow_.stopped_at = std::max(*workflow_.stopped_at, job.stopped_at.value_or(job.created_at));
        }
    }

    Workflow& workflow_;
    Timestamp at_;
    std::vector<std::size_t> ended_;
};

// What a person wants to know of a job that differs.
std::string sentence_of(const WorkflowJob& was, const WorkflowJob& is) {
    const std::string name = "job '" + is.name + "' ";
    if (was.status != is.status)
        return name + "was " + std::string(name_of(was.status)) + " and is " + std::string(name_of(is.status)) + " now";
    return name + "is " + std::string(name_of(is.status)) + ", and its tasks and attempts fit that now";
}

}  // namespace

Mended mend(Workflow workflow, Timestamp at) {
    Mended mended{.next = std::move(workflow)};
    const auto findings = check(mended.next);
    if (findings.empty() || !has_graph(findings)) return mended;
    const Workflow before = mended.next;
    Mending(mended.next, at).all();
    for (std::size_t position = 0; position < before.jobs.size(); ++position) {
        if (before.jobs[position] == mended.next.jobs[position]) continue;
        mended.changed.push_back(position);
        mended.done.push_back(sentence_of(before.jobs[position], mended.next.jobs[position]));
    }
    if (before.status != mended.next.status)
        mended.done.push_back("it was " + std::string(name_of(before.status)) + " and is " +
                              std::string(name_of(mended.next.status)) + " now");
    if (mended.done.empty() && before != mended.next) mended.done.emplace_back("it got the time of its end");
    return mended;
}

}  // namespace gyre::workflow
