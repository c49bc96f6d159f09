#pragma once

// Every change of a status that can happen, as tables: the law that apply() keeps (the property tests hold it to them,
// and hold them to it), that a replay of stored events can be checked against, and that docs/states.md is drawn from.

#include <algorithm>
#include <array>
#include <string_view>

#include "model/status.h"

namespace gyre::workflow {

template <typename Status>
struct Move {
    Status from;
    Status to;
    std::string_view on;  // what makes it happen
};

inline constexpr std::array job_moves{
    Move<JobStatus>{JobStatus::blocked, JobStatus::queued, "all required jobs ended as required"},
    Move<JobStatus>{JobStatus::blocked, JobStatus::on_hold, "all required jobs ended as required (approval)"},
    Move<JobStatus>{JobStatus::blocked, JobStatus::success, "all required jobs ended as required (no-op)"},
    Move<JobStatus>{JobStatus::blocked, JobStatus::failed, "all required jobs ended as required; no agent can run it"},
    Move<JobStatus>{JobStatus::blocked, JobStatus::not_run, "a required job ended otherwise"},
    Move<JobStatus>{JobStatus::blocked, JobStatus::canceled, "cancel"},
    Move<JobStatus>{JobStatus::queued, JobStatus::running, "first task placed"},
    Move<JobStatus>{JobStatus::queued, JobStatus::canceled, "cancel"},
    Move<JobStatus>{JobStatus::queued, JobStatus::unauthorized, "ContextsRefused"},
    Move<JobStatus>{JobStatus::running, JobStatus::success, "last task finished"},
    Move<JobStatus>{JobStatus::running, JobStatus::failed, "last task finished"},
    Move<JobStatus>{JobStatus::running, JobStatus::timedout, "last task finished"},
    Move<JobStatus>{JobStatus::running, JobStatus::infrastructure_fail, "last task finished, retries used up"},
    Move<JobStatus>{JobStatus::running, JobStatus::canceled, "cancel"},
    Move<JobStatus>{JobStatus::running, JobStatus::unauthorized, "ContextsRefused"},
    Move<JobStatus>{JobStatus::on_hold, JobStatus::success, "approve"},
    Move<JobStatus>{JobStatus::on_hold, JobStatus::canceled, "cancel"},
};

inline constexpr std::array task_moves{
    Move<TaskStatus>{TaskStatus::waiting, TaskStatus::queued, "its job is queued"},
    Move<TaskStatus>{TaskStatus::waiting, TaskStatus::finished, "its job is canceled or not_run"},
    Move<TaskStatus>{TaskStatus::queued, TaskStatus::placed, "TaskPlaced"},
    Move<TaskStatus>{TaskStatus::queued, TaskStatus::finished, "cancel, or ContextsRefused"},
    Move<TaskStatus>{TaskStatus::placed, TaskStatus::running, "TaskClaimed"},
    Move<TaskStatus>{TaskStatus::placed, TaskStatus::queued, "infrastructure failure, retried"},
    Move<TaskStatus>{TaskStatus::placed, TaskStatus::finished, "cancel, ContextsRefused, or infrastructure failure"},
    Move<TaskStatus>{TaskStatus::running, TaskStatus::queued, "infrastructure failure, retried"},
    Move<TaskStatus>{TaskStatus::running, TaskStatus::finished,
                     "TaskFinished, cancel, ContextsRefused, or infrastructure failure"},
};

inline constexpr std::array attempt_moves{
    Move<AttemptState>{AttemptState::placed, AttemptState::running, "TaskClaimed"},
    Move<AttemptState>{AttemptState::placed, AttemptState::finished, "TaskLost, or TaskFinished without a claim"},
    Move<AttemptState>{AttemptState::running, AttemptState::finished, "TaskFinished or TaskLost"},
};

inline constexpr std::array workflow_moves{
    Move<WorkflowStatus>{WorkflowStatus::running, WorkflowStatus::on_hold, "only approvals are left to act"},
    Move<WorkflowStatus>{WorkflowStatus::running, WorkflowStatus::failing, "a job failed, others go on"},
    Move<WorkflowStatus>{WorkflowStatus::running, WorkflowStatus::success, "last job ended"},
    Move<WorkflowStatus>{WorkflowStatus::running, WorkflowStatus::failed, "last job ended"},
    Move<WorkflowStatus>{WorkflowStatus::running, WorkflowStatus::canceled, "cancel, or last job ended"},
    Move<WorkflowStatus>{WorkflowStatus::running, WorkflowStatus::unauthorized, "last job ended"},
    Move<WorkflowStatus>{WorkflowStatus::on_hold, WorkflowStatus::running, "approve"},
    Move<WorkflowStatus>{WorkflowStatus::on_hold, WorkflowStatus::success, "last approval given"},
    Move<WorkflowStatus>{WorkflowStatus::on_hold, WorkflowStatus::failing, "approve; no agent can run what follows"},
    Move<WorkflowStatus>{WorkflowStatus::on_hold, WorkflowStatus::failed, "approve; no agent can run what follows"},
    Move<WorkflowStatus>{WorkflowStatus::on_hold, WorkflowStatus::canceled, "cancel, or last approval given"},
    Move<WorkflowStatus>{WorkflowStatus::failing, WorkflowStatus::failed, "last job ended"},
    Move<WorkflowStatus>{WorkflowStatus::failing, WorkflowStatus::unauthorized, "last job ended"},
    Move<WorkflowStatus>{WorkflowStatus::failing, WorkflowStatus::canceled, "cancel"},
};

// May one event take `from` to `to`? Staying is always allowed.
template <typename Status, std::size_t N>
constexpr bool may_follow(const std::array<Move<Status>, N>& moves, Status from, Status to) {
    return from == to ||
           std::ranges::any_of(moves, [&](const auto& move) { return move.from == from && move.to == to; });
}

}  // namespace gyre::workflow
