#pragma once

// When a job may begin, and what that does to it. Shared by starting, rerunning and carrying on a workflow.

#include <vector>

#include "model/workflow.h"

namespace gyre::workflow {

// Tasks 0..parallelism-1 that have not been queued yet.
std::vector<Task> waiting_tasks(int parallelism);

// True when every job that this one requires has succeeded (so always when it requires none).
bool requirements_met(const std::vector<WorkflowJob>& jobs, const WorkflowJob& job);

// blocked -> queued with all its tasks, or on_hold for an approval job.
void make_ready(WorkflowJob& job, Timestamp at);

}  // namespace gyre::workflow
