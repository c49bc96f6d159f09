#pragma once

// What the conductor must know about an event before it applies it.

#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "model/event.h"
#include "model/workflow.h"
#include "workflow/roster.h"

namespace gyre::conductor {

JobId job_of(const Event& event);  // empty for a cancel of the whole workflow
std::string_view kind_of(const Event& event);
// The idempotency key in the event log: derived for agents' events, which come again; new for people's wishes.
EventId event_id(const Event& event, Entropy& entropy);

// An agent's report on an attempt that is over (lost, canceled and finished, or claimed by another token) is refused
// with `conflict`, so that the agent stops; a repetition of what already happened is fine.
Result<void> check_not_superseded(const Workflow& workflow, const workflow::Roster& roster, const Event& event);

}  // namespace gyre::conductor
