#pragma once

// Finding the attempt that an agent or a wish speaks of. Reads only.

#include "base/result.h"
#include "model/event.h"
#include "model/workflow.h"
#include "ports/workflow_store.h"

namespace gyre::gateway {

struct StoredAttempt {
    ProjectId project;
    WorkflowId workflow;
    Attempt attempt;
};

// not_found when there is no such attempt; corrupt or unavailable.
Result<StoredAttempt> load_attempt(WorkflowStore& workflows, const AttemptRef& ref);

}  // namespace gyre::gateway
