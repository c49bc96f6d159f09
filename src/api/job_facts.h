#pragma once

// What both API versions say about a job's present.

#include <string>
#include <vector>

#include "api/desk.h"

namespace gyre::api {

// The steps of an attempt; what runs has the output length of this moment.
Result<std::vector<StepRecord>> steps_now(Desk& desk, const AttemptRef& attempt);
// Why a job waits, in a sentence; empty when it does not wait, or nobody knows.
std::string why_waits(Desk& desk, const Workflow& workflow, const WorkflowJob& job);
// The path of an output as API v1.1 shows it, open without a token for some days.
std::string open_output_path(const Desk& desk, const AttemptRef& attempt, int step);

}  // namespace gyre::api
