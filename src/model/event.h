#pragma once

// What can happen to a workflow. Events are facts or wishes from outside; delivery is at least once, and applying an
// event again, or too late, changes nothing.

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/ids.h"
#include "model/outcome.h"

namespace gyre {

// Names one attempt of one task.
struct AttemptRef {
    JobId job;
    int task = 0;
    int attempt = 1;
    AttemptId id() const { return attempt_id(job, task, attempt); }
    auto operator<=>(const AttemptRef&) const = default;
};
BOOST_DESCRIBE_STRUCT(AttemptRef, (), (job, task, attempt))

struct TaskPlaced {  // a new attempt at a queued task gets a machine
    static constexpr std::string_view kind = "task_placed";
    AttemptRef attempt;
    std::string client;
};
struct TaskClaimed {  // an agent took the attempt; only the holder of the token may report on it
    static constexpr std::string_view kind = "task_claimed";
    AttemptRef attempt;
    std::string token_hash;
};
struct TaskFinished {  // the holder of the token reported the end
    static constexpr std::string_view kind = "task_finished";
    AttemptRef attempt;
    Outcome outcome;
};
struct TaskLost {  // the attempt can no longer act: its process or machine is gone, or its lease ran out
    static constexpr std::string_view kind = "task_lost";
    AttemptRef attempt;
    std::string reason;
};
struct CancelAsked {  // of one job, or of the whole workflow
    static constexpr std::string_view kind = "cancel_asked";
    std::optional<JobId> job;
    std::string by;
};
struct ApproveAsked {
    static constexpr std::string_view kind = "approve_asked";
    JobId job;
    std::string by;
};
struct ContextsRefused {  // a queued job may not have the contexts that it names
    static constexpr std::string_view kind = "contexts_refused";
    JobId job;
    std::string reason;  // which, and why, for people
};

using Event = std::variant<TaskPlaced, TaskClaimed, TaskFinished, TaskLost, CancelAsked, ApproveAsked, ContextsRefused>;

BOOST_DESCRIBE_STRUCT(TaskPlaced, (), (attempt, client))
BOOST_DESCRIBE_STRUCT(TaskClaimed, (), (attempt, token_hash))
BOOST_DESCRIBE_STRUCT(TaskFinished, (), (attempt, outcome))
BOOST_DESCRIBE_STRUCT(TaskLost, (), (attempt, reason))
BOOST_DESCRIBE_STRUCT(CancelAsked, (), (job, by))
BOOST_DESCRIBE_STRUCT(ApproveAsked, (), (job, by))
BOOST_DESCRIBE_STRUCT(ContextsRefused, (), (job, reason))

}  // namespace gyre
