#include "conductor/event_facts.h"

namespace gyre::conductor {
namespace {

struct Found {
    const Task* task = nullptr;
    const Attempt* attempt = nullptr;  // nothing: there is none of that number
};

Found find_attempt(const Workflow& workflow, const workflow::Roster& roster, const AttemptRef& ref) {
    const auto position = roster.find(ref.job);
    if (!position || ref.task < 0) return {};
    const auto& job = workflow.jobs[*position];
    if (ref.task >= static_cast<int>(job.tasks.size())) return {};
    const Task& task = job.tasks[static_cast<std::size_t>(ref.task)];
    if (ref.attempt < 1 || ref.attempt > static_cast<int>(task.attempts.size())) return {};
    return {&task, &task.attempts[static_cast<std::size_t>(ref.attempt) - 1]};
}

// A canceled job's attempt may still be placed, but its task is over: nobody may claim it any more.
Result<void> check_claim(const Found& found, const TaskClaimed& claim) {
    const bool open = found.attempt->state == AttemptState::placed && found.task->status == TaskStatus::placed;
    if (open || found.attempt->token_hash == claim.token_hash) return {};
    return conflict("attempt " + claim.attempt.id().text + " was claimed by another agent or is over");
}

Result<void> check_finish(const Attempt& attempt, const TaskFinished& finish) {
    if (attempt.state != AttemptState::finished || attempt.outcome == finish.outcome) return {};
    if (attempt.outcome && std::holds_alternative<Canceled>(*attempt.outcome)) return {};
    return conflict("attempt " + finish.attempt.id().text + " is over already");
}

}  // namespace

JobId job_of(const Event& event) {
    return std::visit(
        [](const auto& e) -> JobId {
            if constexpr (requires { e.attempt; }) {
                return e.attempt.job;
            } else if constexpr (requires { e.job.value(); }) {
                return e.job.value_or(JobId{});
            } else {
                return e.job;
            }
        },
        event);
}

std::string_view kind_of(const Event& event) {
    return std::visit([](const auto& e) { return std::decay_t<decltype(e)>::kind; }, event);
}

EventId event_id(const Event& event, Entropy& entropy) {
    return std::visit(
        [&](const auto& e) -> EventId {
            const std::string kind(std::decay_t<decltype(e)>::kind);
            if constexpr (requires { e.attempt; }) {
                return {kind + ":" + e.attempt.id().text};
            } else {
                return {kind + ":" + entropy.uuid()};
            }
        },
        event);
}

Result<void> check_not_superseded(const Workflow& workflow, const workflow::Roster& roster, const Event& event) {
    const auto* claim = std::get_if<TaskClaimed>(&event);
    const auto* finish = std::get_if<TaskFinished>(&event);
    if (!claim && !finish) return {};
    const AttemptRef& ref = claim ? claim->attempt : finish->attempt;
    const Found found = find_attempt(workflow, roster, ref);
    if (!found.attempt) return not_found("there is no attempt " + ref.id().text);
    return claim ? check_claim(found, *claim) : check_finish(*found.attempt, *finish);
}

}  // namespace gyre::conductor
