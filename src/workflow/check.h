#pragma once

// Holds stored workflows to their law: for the simulation, the drills, `gyre doctor` and the verification of backups.
// Pure. Every finding is something that can never be, whatever agents, people, networks and disks did; none of them is
// a matter of taste. Nothing is repaired here.

#include <span>
#include <string>
#include <vector>

#include "model/effect.h"
#include "model/event.h"
#include "model/workflow.h"

namespace gyre::workflow {

struct Finding {
    std::string rule;      // short and stable, for counting and for tests: "status-is-fold"
    std::string sentence;  // which workflow, job, task and attempt, and what about it
    bool operator==(const Finding&) const = default;
};

// The value by itself: status is the fold of its jobs, jobs fit their tasks and what they require, attempts are
// numbered and at most the last one lives, nothing is tried again but infrastructure failures, times do not run
// backwards.
std::vector<Finding> check(const Workflow& workflow);

// Can one event have made `after` of `before`? By the tables of states.h; what has ended stays as it is, and in what is
// canceled nothing begins.
std::vector<Finding> check_change(const Workflow& before, const Workflow& after);

struct LoggedEvent {
    Event event;
    Timestamp at{};  // of the log's row
};
struct History {
    std::vector<Finding> findings;
    std::vector<Effect> effects;  // that the events called for, WakeDispatch left out
};
// Applies the logged events of a workflow, in their order, to how it was when it was made (start.h, rerun.h): what
// comes of it must be what is stored, each step of it legal, and each attempt ended by one event.
History check_history(Workflow beginning, std::span<const LoggedEvent> events, const Workflow& stored);

}  // namespace gyre::workflow
