#pragma once

// How the other tasks of a job stand, as its workflow has it. Pure.

#include "model/workflow.h"
#include "wire/other_tasks.h"

namespace gyre::gateway {

wire::OtherTasks other_tasks(const WorkflowJob& job, int task);

}  // namespace gyre::gateway
