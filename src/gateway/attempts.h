#pragma once

// Finding the attempt that an agent or a wish speaks of. Reads only.

#include <optional>
#include <string>

#include "base/result.h"
#include "model/event.h"
#include "model/workflow.h"
#include "ports/workflow_store.h"

namespace gyre::gateway {

// The attempt that an id of the form "<job>-<task>-a<number>" names; nothing for another form.
std::optional<AttemptRef> parse_attempt_id(const std::string& text);

struct StoredAttempt {
    ProjectId project;
    WorkflowId workflow;
    Attempt attempt;
};

// not_found when there is no such attempt; corrupt or unavailable.
Result<StoredAttempt> load_attempt(WorkflowStore& workflows, const AttemptRef& ref);

}  // namespace gyre::gateway
