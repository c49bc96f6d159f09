#pragma once

// A checkout into a directory that is a git repository already: restored from a cache, or left by an earlier checkout.

#include <string>

#include "agent/job.h"
#include "agent/step_output.h"
#include "base/result.h"

namespace gyre::agent {

// Brings the objects of `clone` (on this machine, with the revision checked out) into the repository at `target` inside
// the job, and has git there do what a fetch and `reset --hard` would: what was tracked becomes what the revision says,
// other files, branches and settings stay. A job without git gets the clone's files written over what is there, with a
// notice. Error: `invalid` with git's words when the repository is damaged.
Result<void> update_repository(const std::string& clone, const std::string& target, Job& job, StepOutput& output);

}  // namespace gyre::agent
