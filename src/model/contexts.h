#pragma once

// Which contexts a job of a plan names, in their order. By its place in the plan, too: the part of a pipeline that
// continues it may have a workflow and a job called as those of its setup. Pure.

#include <string>
#include <vector>

#include "model/plan.h"
#include "model/workflow.h"

namespace gyre {

std::vector<std::string> contexts_of(const Plan& plan, const std::string& workflow, const WorkflowJob& job);

}  // namespace gyre
