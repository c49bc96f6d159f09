#pragma once

// Which pipelines take part in auto-cancel (a project's setting): those of pushes and requests on a branch that is not
// the default one. Tags, schedules and runs on a laptop neither cancel others nor are canceled.

#include "model/pipeline.h"
#include "model/project.h"
#include "model/workflow.h"

namespace gyre::conductor {

bool takes_part_in_auto_cancel(const Trigger& trigger, const Project& project);

// Who asked for a run himself keeps it: reruns are exempt, unless they came by themselves. A workflow that only waits
// for an approval counts like one that runs: what would be approved is out of date.
bool may_be_superseded(const Workflow& workflow);

}  // namespace gyre::conductor
