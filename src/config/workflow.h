#pragma once

// `workflows`: which jobs run for this trigger, under which names and in which order.

#include "config/job.h"

namespace gyre::config {

// Plans all workflows into `plan`; with none in the config, one named "workflow" with the job `build`. After errors the
// plan is of no use. `workflows` may be null; `root` is the whole config, for complaints about what is missing.
void plan_workflows(Context& context, Value root, Value workflows, Jobs& jobs, Plan& plan);

// `triggers` of a workflow: checked, not run.
void check_triggers(Context& context, Value triggers);

}  // namespace gyre::config
