#pragma once

// Whose workspace layers a job attaches: those of every job that it requires, directly or not, in an order in which
// each comes after what it requires itself. Pure.

#include <vector>

#include "base/result.h"
#include "model/workflow.h"

namespace gyre::gateway {

// A job whose result was kept from an earlier run of the workflow is named as the job that really ran.
Result<std::vector<JobId>> upstream_jobs(const Workflow& workflow, const JobId& job);

}  // namespace gyre::gateway
