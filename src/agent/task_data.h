#pragma once

// What every job finds before its first step: an empty BASH_ENV, and the directory of CIRCLE_INTERNAL_TASK_DATA, with
// what earlier runs tell of its tests (wire/earlier_tests.h) where that can matter: in parallel jobs, in reruns of
// failed tests, and where a step names the variable.

#include <string>

#include "agent/job.h"
#include "agent/step_output.h"
#include "base/result.h"

namespace gyre::agent {

// `temporary`: Box::temporary(). Waits for a server that is away; one that has no answer is said in `output`, and the
// job goes without. `unavailable`: nothing can be written inside the job, or it stops.
Result<void> make_task_data(Job& job, const std::string& temporary, StepOutput& output);

}  // namespace gyre::agent
