#pragma once

// Why there is no word of what a job used. Pure.

#include <string>

#include "apps/gyre/job_run.h"
#include "base/json.h"

namespace gyre::apps {

// Of the task and attempt that `run` names, or of all (task -1, attempt 0); `tasks` is the API's answer for the job.
std::string why_nothing_was_counted(const json::value& tasks, const NamedRun& run);

}  // namespace gyre::apps
