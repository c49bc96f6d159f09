#pragma once

// Short scripts of ours that run inside the job, where its user and its file systems are. No secrets in them: a script
// lies in a file while it runs.

#include <string>

#include "agent/job.h"
#include "agent/step_output.h"
#include "base/result.h"

namespace gyre::agent {

inline constexpr int no_shell = -1;  // what run_inside() answers where the job has no /bin/sh

struct InsideScript {
    std::string script;  // for `/bin/sh -e`
    std::string directory;
    Environment environment;
};

// The exit code, 128 and more for a signal; `unavailable` when the job stops or its box is gone. What it prints goes to
// `output`.
Result<int> run_inside(InsideScript script, Job& job, StepOutput& output);

}  // namespace gyre::agent
