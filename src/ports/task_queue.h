#pragma once

// The tasks that wait for a machine and the attempts that have one, as dispatch and gateway need them. Read-only: both
// are changed by events through the conductor. Thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/resource_class.h"
#include "model/workflow.h"

namespace gyre {

struct QueuedTask {
    AttemptRef next;  // the attempt that placing it would make
    ProjectId project;
    WorkflowId workflow;
    std::string job_name;
    std::int64_t job_number = 0;
    ExecutorKind executor = ExecutorKind::docker;
    std::string resource_class;  // as the config says; may be empty
    Timestamp queued_at{};
    std::optional<Timestamp> ready_at;  // not to be placed before
    std::int64_t pipeline_number = 0;
    std::string serial_group;              // empty: none
    std::string holder;                    // as whom it holds or would hold the group (SerialHold::holder)
    std::string held_as;                   // who holds the group now; empty: nobody
    std::string held_by;                   // the same for people: "job 'deploy' of pipeline 12 of git/shop"
    std::int64_t position = 0;             // among those queued in the same millisecond
    std::string branch;                    // of its pipeline; empty for tags
    std::optional<Timestamp> promoted_at;  // somebody moved it to the front
    std::string promoted_by;
};

// Where a task stands in the queue, to read on behind it.
struct QueuePlace {
    Timestamp promoted_at{};
    Timestamp queued_at{};
    std::int64_t position = 0;
    auto operator<=>(const QueuePlace&) const = default;
};
inline constexpr Timestamp never_promoted = Timestamp::max();
inline QueuePlace place_of(const QueuedTask& task) {
    return {task.promoted_at.value_or(never_promoted), task.queued_at, task.position};
}

// QueuedTask::held_by
inline std::string describe_holder(const std::string& job, std::int64_t pipeline, const std::string& project_slug) {
    return "job '" + job + "' of pipeline " + std::to_string(pipeline) + " of " + project_slug;
}

struct LiveAttempt {  // placed or running
    AttemptRef attempt;
    ProjectId project;
    WorkflowId workflow;
    AttemptState state = AttemptState::placed;
    std::string client;
    std::string token_hash;  // empty while placed
    ExecutorKind executor = ExecutorKind::docker;
    std::string resource_class;
    Timestamp placed_at{};
    bool stop_asked = false;  // its job was canceled
    std::string job_name;
};

class TaskQueue {
public:
    virtual ~TaskQueue() = default;
    // What waits, the promoted, then the oldest first: in pages, what stands behind a place; all of it behind
    // QueuePlace{}.
    virtual Result<std::vector<QueuedTask>> queued_after(const QueuePlace& place, int limit) = 0;
    // The same without what other servers have claimed: what this one may try to place.
    virtual Result<std::vector<QueuedTask>> placeable_after(const QueuePlace& place, int limit) {
        return queued_after(place, limit);
    }
    Result<std::vector<QueuedTask>> queued(int limit) { return queued_after({}, limit); }
    // Of several servers, which of these this one may place: the others leave them alone for 10 s, and what would pass
    // a limit (model/queue_rules.h) together with what the others claimed is left out. Placing is compare-and-set in
    // any case. All of them, where one server is alone.
    virtual Result<std::vector<AttemptRef>> claim(const std::vector<AttemptRef>& wanted) { return wanted; }
    virtual Result<std::vector<LiveAttempt>> live() = 0;
};

}  // namespace gyre
