#pragma once

// The jobs that workflows make of definitions are few or many, as their arguments are: those of one definition in which
// nothing differs become one job. The only one of a definition has its name; where there are several, each has the name
// under which a workflow uses it first, with a number behind it when that is taken. Names differ in more than case,
// also from those of job groups.

#include "config/workflow.h"

namespace gyre::config {

// Looks at what runs under some trigger, whatever its branch or tag. Changes Draft::made and JobSpec::name.
void settle_jobs(std::vector<WorkflowDraft>& workflows, Jobs& jobs);

}  // namespace gyre::config
