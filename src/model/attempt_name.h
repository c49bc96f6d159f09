#pragma once

// Finding attempts: by the ids that model/ids.h makes, and in their workflow.

#include <optional>
#include <string_view>

#include "model/event.h"
#include "model/workflow.h"

namespace gyre {

// The attempt that "<job>-<task>-a<number>" names; nothing for another form (the job is any text that is not empty).
std::optional<AttemptRef> parse_attempt_id(std::string_view text);

// Nothing when the workflow has no such attempt.
const Attempt* find_attempt(const Workflow& workflow, const AttemptRef& ref);

}  // namespace gyre
