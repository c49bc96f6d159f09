#pragma once

// Which serial groups a workflow holds: a fold over its jobs. A holder is a job, or the jobs of one job-group together.
// It holds its group from its first placed task until all its jobs have ended and none of its attempts lives: a
// canceled job whose agent is still stopping keeps the next one waiting. What changes with an event is taken and given
// back in the transaction of that event (ports/workflow_store.h), which keeps workflows apart.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "model/serial_hold.h"
#include "model/workflow.h"

namespace gyre::workflow {

// As whom the job holds its serial group (SerialHold::holder).
std::string holder_of(const Workflow& workflow, const WorkflowJob& job);

std::vector<SerialHold> holds_of(const Workflow& workflow);  // in the order of the jobs
// The same, where it is known which jobs have a serial group (Roster::in_serial_groups).
std::vector<SerialHold> holds_of(const Workflow& workflow, std::span<const std::size_t> in_serial_groups);

struct HoldChange {
    std::vector<SerialHold> taken;
    std::vector<SerialHold> released;
    bool operator==(const HoldChange&) const = default;
};
// What an event changed of a workflow's holds.
HoldChange hold_change(const std::vector<SerialHold>& before, const std::vector<SerialHold>& after);

}  // namespace gyre::workflow
