#pragma once

// What placement looks at: tasks that want a machine, tasks that have one, and the machines. Values only; the caller
// (dispatch) reads them from the task queue and from the clients.

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/event.h"
#include "model/resource_class.h"

namespace gyre::placement {

struct WantedTask {
    AttemptRef attempt;  // the attempt that placing it makes; above 1, an earlier one was lost to infrastructure
    std::string job_name;
    WorkflowId workflow;
    ProjectId project;
    Resources need;                          // of its resource class
    Timestamp queued_at{};                   // since when this attempt waits
    std::int64_t position = 0;               // among tasks queued in the same millisecond: the build number
    std::optional<Timestamp> ready_at = {};  // a retry: not to be placed before
    std::int64_t pipeline_number = 0;        // in its project
    std::string serial_group = {};           // empty: none; otherwise as in ports/task_queue.h
    std::string holder = {};
    std::string held_as = {};
    std::string held_by = {};
    std::string resource_class = {};               // as the config says; may be empty
    ExecutorKind executor = ExecutorKind::docker;  // whose class it is
    std::optional<Timestamp> promoted_at = {};     // somebody moved it to the front
};

struct RunningTask {  // placed, running, or being stopped: it occupies its machine until its attempt is finished
    AttemptRef attempt;
    ProjectId project;
    std::string client;
    Resources need;
    std::string job_name = {};
};

struct ClientRoom {
    std::string name;
    Resources total;      // what jobs may use: the machine minus its reserve
    bool accepts = true;  // false while it drains: it keeps what it runs and gets nothing new
    // A need above the machine's total counts as the machine's total, each of CPU and memory by itself. So on a laptop
    // with 2 CPUs a `large` job (4 CPUs) runs alone and slower instead of waiting for ever. GPUs are never fewer than
    // were asked for. Meant for the local machine; with false such a task waits for a larger machine
    // (LargerThanAnyMachine).
    bool clamp = true;
};

// What a task of that need takes from that client.
Resources charge(const Resources& need, const ClientRoom& client);

}  // namespace gyre::placement
