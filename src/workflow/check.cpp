#include "workflow/check.h"

#include <algorithm>
#include <set>

#include "workflow/graph.h"
#include "workflow/readiness.h"
#include "workflow/retry.h"
#include "workflow/rollup.h"
#include "workflow/verdict.h"

namespace gyre::workflow {
namespace {

std::string in_quotes(std::string_view name) { return "'" + std::string(name) + "'"; }

// One look at one workflow.
class Look {
public:
    explicit Look(const Workflow& workflow) : workflow_(workflow) {}

    std::vector<Finding> take() {
        look_at_graph();
        if (!findings_.empty()) return std::move(findings_);
        for (const auto& job : workflow_.jobs) look_at(job);
        look_at_status();
        return std::move(findings_);
    }

private:
    void expect(bool law, const char* rule, const std::string& broken) {
        if (!law) findings_.push_back({rule, "workflow " + workflow_.id.text + ": " + broken});
    }
    void look_at_graph();
    void look_at_status();
    void look_at(const WorkflowJob& job);
    void look_at_requirements(const WorkflowJob& job);
    void look_at_end(const WorkflowJob& job);
    void look_at(const WorkflowJob& job, const Task& task);
    void look_at(const WorkflowJob& job, const Task& task, const Attempt& attempt);

    const Workflow& workflow_;
    std::vector<Finding> findings_;
    std::set<std::string> tokens_;
};

void Look::look_at_graph() {
    std::set<JobId> ids;
    expect(!workflow_.jobs.empty(), "has-jobs", "it has no jobs");
    for (const auto& job : workflow_.jobs) {
        expect(!job.id.empty() && ids.insert(job.id).second, "job-id",
               "two jobs have the id " + in_quotes(job.id.text));
        for (const auto required : job.requires_) {
            expect(required < workflow_.jobs.size(), "requires",
                   "job " + in_quotes(job.name) + " requires no job of it");
        }
    }
    if (findings_.empty()) expect(is_acyclic(workflow_.jobs), "requires", "its requirements form a cycle");
}

void Look::look_at_status() {
    const auto fold = rollup(workflow_);
    expect(workflow_.status == fold, "status-is-fold",
           "it is " + in_quotes(name_of(workflow_.status)) + ", its jobs say " + in_quotes(name_of(fold)));
    expect(is_terminal(workflow_.status) == workflow_.stopped_at.has_value(), "stopped-when-ended",
           "it is " + in_quotes(name_of(workflow_.status)) +
               (workflow_.stopped_at ? " and has stopped" : " and has no time of its end"));
}

void Look::look_at(const WorkflowJob& job) {
    const std::string name = "job " + in_quotes(job.name);
    expect((job.type == JobType::build) == !job.tasks.empty(), "tasks-of-builds", name + " has tasks of another type");
    expect(job.status != JobStatus::on_hold || job.type == JobType::approval, "on-hold-is-approval",
           name + " waits for an approval and is none");
    expect(is_terminal(job.status) == job.stopped_at.has_value() || job.kept_from, "stopped-when-ended",
           name + " is " + in_quotes(name_of(job.status)) + (job.stopped_at ? ", and has stopped" : ", never stopped"));
    const auto all = [&](TaskStatus status) {
        return std::ranges::all_of(job.tasks, [&](const Task& task) { return task.status == status; });
    };
    const auto any = [&](TaskStatus status) {
        return std::ranges::any_of(job.tasks, [&](const Task& task) { return task.status == status; });
    };
    const bool fits = job.status == JobStatus::blocked   ? all(TaskStatus::waiting)
                      : job.status == JobStatus::queued  ? all(TaskStatus::queued)
                      : job.status == JobStatus::running ? !any(TaskStatus::waiting) && !all(TaskStatus::finished)
                      : is_terminal(job.status)          ? all(TaskStatus::finished)
                                                         : true;
    expect(fits, "job-fits-tasks", name + " is " + in_quotes(name_of(job.status)) + ", and its tasks say otherwise");
    int index = 0;
    for (const auto& task : job.tasks) {
        expect(task.index == index++, "task-index", name + " has a task out of place");
        look_at(job, task);
    }
    look_at_requirements(job);
    look_at_end(job);
}

void Look::look_at_requirements(const WorkflowJob& job) {
    const std::string name = "job " + in_quotes(job.name);
    if (job.kept_from || job.status == JobStatus::not_run || job.status == JobStatus::canceled) return;
    const auto requirements = requirements_of(workflow_.jobs, job);
    if (job.status == JobStatus::blocked) {
        expect(requirements == Requirements::open, "blocked-by-something",
               name + " is blocked, and nothing that it requires is open");
    } else {
        expect(requirements == Requirements::met, "requirements-met",
               name + " is " + in_quotes(name_of(job.status)) + ", and what it requires has not ended as it asks");
    }
}

// A job whose tasks ran to their ends is what they say.
void Look::look_at_end(const WorkflowJob& job) {
    const bool ran = !job.tasks.empty() && std::ranges::all_of(job.tasks, [](const Task& task) {
        return !task.attempts.empty() && task.attempts.back().outcome;
    });
    if (!is_terminal(job.status) || job.kept_from || is_stopped(job)) return;
    const std::string name = "job " + in_quotes(job.name);
    if (ran) {
        const auto said = verdict(job).status;
        expect(said == job.status, "job-is-verdict",
               name + " is " + in_quotes(name_of(job.status)) + ", its attempts say " + in_quotes(name_of(said)));
    } else if (job.type == JobType::build) {
        const bool never =
            job.status == JobStatus::not_run || job.status == JobStatus::canceled || !job.unavailable.empty();
        expect(never, "job-is-verdict", name + " is " + in_quotes(name_of(job.status)) + " without having run");
    }
}

void Look::look_at(const WorkflowJob& job, const Task& task) {
    const std::string name = "task " + std::to_string(task.index) + " of job " + in_quotes(job.name);
    const auto* last = task.attempts.empty() ? nullptr : &task.attempts.back();
    const bool lives = last && last->state != AttemptState::finished;
    const bool fits = task.status == TaskStatus::waiting   ? !last
                      : task.status == TaskStatus::queued  ? !lives
                      : task.status == TaskStatus::placed  ? lives && last->state == AttemptState::placed
                      : task.status == TaskStatus::running ? lives && last->state == AttemptState::running
                                                           : !lives || is_stopped(job);
    expect(fits, "task-fits-attempts",
           name + " is " + in_quotes(name_of(task.status)) + ", and its attempts say otherwise");
    expect(attempts_that_count(task) <= 1 + max_infrastructure_retries, "retry-limit",
           name + " was tried " + std::to_string(task.attempts.size()) + " times");
    for (std::size_t i = 0; i < task.attempts.size(); ++i) {
        const auto& attempt = task.attempts[i];
        expect(attempt.number == static_cast<int>(i) + 1, "attempt-number",
               name + " has attempt " + std::to_string(attempt.number) + " at place " + std::to_string(i + 1));
        look_at(job, task, attempt);
        if (&attempt == last) continue;
        const auto* failure = attempt.outcome ? std::get_if<InfrastructureFailed>(&*attempt.outcome) : nullptr;
        expect(attempt.state == AttemptState::finished, "one-live-attempt",
               name + ": attempt " + std::to_string(attempt.number) + " lives beside a later one");
        expect(failure && failure->retryable, "retry-reason",
               name + " was tried again after attempt " + std::to_string(attempt.number) + ", which needed no retry");
    }
}

void Look::look_at(const WorkflowJob& job, const Task& task, const Attempt& attempt) {
    const std::string name = "attempt " + std::to_string(attempt.number) + " of task " + std::to_string(task.index) +
                             " of job " + in_quotes(job.name);
    expect(
        (attempt.state == AttemptState::finished) == attempt.outcome.has_value(), "outcome-when-finished",
        name + " is " + in_quotes(name_of(attempt.state)) + (attempt.outcome ? " with" : " without") + " an outcome");
    expect(attempt.state != AttemptState::running || !attempt.token_hash.empty(), "token-when-running",
           name + " runs without a token");
    if (!attempt.token_hash.empty())
        expect(tokens_.insert(attempt.token_hash).second, "token-is-its-own", name + " has the token of another");
    const auto& [begun, ended] = std::pair(attempt.started_at, attempt.stopped_at);
    expect(!begun || *begun >= attempt.placed_at, "time-order", name + " was claimed before it was placed");
    expect(!ended || *ended >= begun.value_or(attempt.placed_at), "time-order", name + " ended before it began");
}

}  // namespace

std::vector<Finding> check(const Workflow& workflow) { return Look(workflow).take(); }

}  // namespace gyre::workflow
