#pragma once

// Whose workspace layers a job attaches: those of every job that it requires, directly or not, in an order in which
// each comes after what it requires itself. Pure.

#include <vector>

#include "base/result.h"
#include "model/workflow.h"

namespace gyre::gateway {

struct Upstream {
    JobId id;                // where a result was kept from an earlier run of the workflow: the job that really ran
    std::vector<int> after;  // positions, in the list, of those that it requires, directly or not; ascending
};
Result<std::vector<Upstream>> upstream_jobs(const Workflow& workflow, const JobId& job);

}  // namespace gyre::gateway
