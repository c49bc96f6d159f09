#include "workflow/transition.h"

#include <algorithm>
#include <utility>

#include "model/again.h"
#include "workflow/readiness.h"
#include "workflow/retry.h"
#include "workflow/verdict.h"

namespace gyre::workflow {
namespace {

// The latest of the times given; what was recorded before wins over a clock that jumped back.
Timestamp not_before(Timestamp at, std::optional<Timestamp> earlier) { return earlier ? std::max(at, *earlier) : at; }

// One application of one event.
class Step {
public:
    Step(Workflow& workflow, Roster& roster, Timestamp at)
        : workflow_(workflow), roster_(roster), at_(std::max(at, workflow.created_at)) {}

    void operator()(const TaskPlaced& event);
    void operator()(const TaskClaimed& event);
    void operator()(const TaskFinished& event);
    void operator()(const TaskLost& event) { close(event.attempt, InfrastructureFailed{event.reason, true}); }
    void operator()(const CancelAsked& event);
    void operator()(const ApproveAsked& event);
    void operator()(const ContextsRefused& event);

    std::vector<Effect> settle();
    std::vector<std::size_t> changed();

private:
    struct Spot {
        std::size_t position;
        WorkflowJob& job;
        Task& task;
    };

    std::optional<Spot> find_task(const AttemptRef& ref);
    std::optional<Spot> find_live(const AttemptRef& ref);
    void close(const AttemptRef& ref, const Outcome& outcome);
    void cancel(std::size_t position, const std::string& by);
    void stop(const WorkflowJob& job, const Task& task, const std::string& why);
    void end(std::size_t position, JobStatus status, std::string reason);
    void tell_dependants();

    Workflow& workflow_;
    Roster& roster_;
    Timestamp at_;
    bool wake_ = false;
    std::vector<std::size_t> changed_;
    std::vector<std::size_t> ended_;
    std::vector<Effect> effects_;
};

std::optional<Step::Spot> Step::find_task(const AttemptRef& ref) {
    const auto position = roster_.find(ref.job);
    if (!position) return std::nullopt;
    auto& job = workflow_.jobs[*position];
    if (ref.task < 0 || ref.task >= std::ssize(job.tasks)) return std::nullopt;
    return Spot{*position, job, job.tasks[static_cast<std::size_t>(ref.task)]};
}

std::optional<Step::Spot> Step::find_live(const AttemptRef& ref) {
    auto spot = find_task(ref);
    if (!spot || spot->task.attempts.empty() || ref.attempt != std::ssize(spot->task.attempts)) return std::nullopt;
    if (spot->task.attempts.back().state == AttemptState::finished) return std::nullopt;
    return spot;
}

void Step::operator()(const TaskPlaced& event) {
    const auto spot = find_task(event.attempt);
    if (!spot || spot->task.status != TaskStatus::queued) return;
    if (event.attempt.attempt != std::ssize(spot->task.attempts) + 1) return;
    spot->task.attempts.push_back({.number = event.attempt.attempt,
                                   .state = AttemptState::placed,
                                   .client = event.client,
                                   .placed_at = not_before(at_, spot->task.queued_at)});
    spot->task.status = TaskStatus::placed;
    spot->task.ready_at.reset();
    spot->job.status = JobStatus::running;
    changed_.push_back(spot->position);
}

void Step::operator()(const TaskClaimed& event) {
    const auto spot = find_live(event.attempt);
    if (!spot || spot->task.status != TaskStatus::placed) return;
    auto& attempt = spot->task.attempts.back();
    attempt.state = AttemptState::running;
    attempt.token_hash = event.token_hash;
    attempt.started_at = not_before(at_, attempt.placed_at);
    spot->task.status = TaskStatus::running;
    if (!spot->job.started_at) spot->job.started_at = attempt.started_at;
    changed_.push_back(spot->position);
}

void Step::operator()(const TaskFinished& event) {
    const auto spot = find_live(event.attempt);
    if (!spot) return;
    const bool claimed = spot->task.attempts.back().state == AttemptState::running;
    const bool needs_no_claim =
        std::holds_alternative<InfrastructureFailed>(event.outcome) || std::holds_alternative<Canceled>(event.outcome);
    if (claimed || needs_no_claim || is_terminal(spot->job.status)) close(event.attempt, event.outcome);
}

// Ends the live attempt, and with it its task or even its job, or puts the task back into the queue.
void Step::close(const AttemptRef& ref, const Outcome& outcome) {
    const auto spot = find_live(ref);
    if (!spot) return;
    auto& [position, job, task] = *spot;
    auto& attempt = task.attempts.back();
    const bool was_canceled = task.status == TaskStatus::finished;
    attempt.state = AttemptState::finished;
    attempt.stopped_at = not_before(at_, attempt.started_at ? attempt.started_at : attempt.placed_at);
    attempt.outcome = was_canceled ? Outcome(Canceled{}) : outcome;
    changed_.push_back(position);
    wake_ = true;
    if (was_canceled) return;
    if (may_retry(task, outcome)) {
        task.status = TaskStatus::queued;
        task.queued_at = attempt.stopped_at;
        task.ready_at = *attempt.stopped_at + retry_wait(attempts_that_count(task));
        return;
    }
    task.status = TaskStatus::finished;
    if (!std::ranges::all_of(job.tasks, [](const Task& each) { return each.status == TaskStatus::finished; })) return;
    auto [status, reason] = verdict(job);
    end(position, status, std::move(reason));
}

void Step::operator()(const CancelAsked& event) {
    const std::string by = event.by.empty() ? "the system" : event.by;
    if (event.job) {
        if (const auto position = roster_.find(*event.job)) cancel(*position, by);
        return;
    }
    if (is_terminal(workflow_.status)) return;
    workflow_.canceled_by = by;
    for (std::size_t position = 0; position < workflow_.jobs.size(); ++position) cancel(position, by);
}

void Step::cancel(std::size_t position, const std::string& by) {
    auto& job = workflow_.jobs[position];
    if (is_terminal(job.status)) return;
    job.canceled_by = by;
    for (const auto& task : job.tasks) stop(job, task, "canceled by " + by);
    end(position, JobStatus::canceled, "canceled by " + by);
}

void Step::stop(const WorkflowJob& job, const Task& task, const std::string& why) {
    if (task.status == TaskStatus::queued) wake_ = true;
    if (task.status != TaskStatus::placed && task.status != TaskStatus::running) return;
    effects_.emplace_back(StopAttempt{{job.id, task.index, task.attempts.back().number}, why});
}

void Step::operator()(const ApproveAsked& event) {
    const auto position = roster_.find(event.job);
    if (!position || workflow_.jobs[*position].status != JobStatus::on_hold) return;
    workflow_.jobs[*position].approved_by = event.by.empty() ? "the system" : event.by;
    end(*position, JobStatus::success, {});
}

void Step::operator()(const ContextsRefused& event) {
    const auto position = roster_.find(event.job);
    if (!position) return;
    const auto& job = workflow_.jobs[*position];
    if (job.status != JobStatus::queued && job.status != JobStatus::running) return;
    const std::string why = event.reason.empty() ? "a context was refused" : event.reason;
    for (const auto& task : job.tasks) stop(job, task, why);
    end(*position, JobStatus::unauthorized, why);
}

void Step::end(std::size_t position, JobStatus status, std::string reason) {
    end_job(workflow_.jobs[position], status, std::move(reason), at_);
    changed_.push_back(position);
    ended_.push_back(position);
}

// Fan-in. A job that follows may end at once, and has dependants, too.
void Step::tell_dependants() {
    const std::size_t ended_before = ended_.size();
    for (const std::size_t position : follow_up(workflow_.jobs, roster_.dependants(), ended_, at_)) {
        changed_.push_back(position);
        if (workflow_.jobs[position].status == JobStatus::queued) wake_ = true;
    }
    changed_.insert(changed_.end(), ended_.begin() + static_cast<std::ptrdiff_t>(ended_before), ended_.end());
}

// After the event: dependants, the workflow's own status, and what to tell the world.
std::vector<Effect> Step::settle() {
    if (changed_.empty()) return {};
    tell_dependants();
    for (const std::size_t position : ended_) {
        const auto& job = workflow_.jobs[position];
        effects_.emplace_back(JobEnded{workflow_.id, job.id, job.status});
    }
    const bool was_terminal = is_terminal(workflow_.status);
    for (const std::size_t position : changed_) roster_.note(position, workflow_.jobs[position].status);
    workflow_.status = roster_.tally().status(!workflow_.canceled_by.empty());
    if (is_terminal(workflow_.status) && !was_terminal) {
        workflow_.stopped_at = at_;
        for (const auto& job : workflow_.jobs) workflow_.stopped_at = not_before(*workflow_.stopped_at, job.stopped_at);
        effects_.emplace_back(WorkflowEnded{workflow_.id, workflow_.status});
        if (reruns_by_itself(workflow_)) effects_.emplace_back(AutoRerun{workflow_.id});
    }
    if (wake_) effects_.emplace_back(WakeDispatch{});
    return std::move(effects_);
}

std::vector<std::size_t> Step::changed() {
    std::ranges::sort(changed_);
    const auto repeated = std::ranges::unique(changed_);
    changed_.erase(repeated.begin(), repeated.end());
    return std::move(changed_);
}

}  // namespace

Transition apply(Workflow now, const Event& event, Timestamp at) {
    Roster roster(now);
    return apply(std::move(now), roster, event, at);
}

Transition apply(Workflow now, Roster& roster, const Event& event, Timestamp at) {
    Transition result{.next = std::move(now)};
    Step step(result.next, roster, at);
    std::visit(step, event);
    result.effects = step.settle();
    result.changed = step.changed();
    return result;
}

}  // namespace gyre::workflow
