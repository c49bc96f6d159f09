#pragma once

// From a trigger to a pipeline that can be stored: fetches the config at the trigger's revision and compiles it. What
// goes wrong on the way becomes the pipeline's errors, visible to everybody who looks at it.

#include <string>

#include "base/result.h"
#include "model/pipeline.h"
#include "model/project.h"
#include "ports/git_remote.h"

namespace gyre::conductor {

// `number` is left 0. Error: unavailable, when the remote does not answer; then there is no pipeline, and the trigger
// may come again.
Result<Pipeline> make_pipeline(const Trigger& trigger, const Project& project, GitRemote& git, Timestamp now);

}  // namespace gyre::conductor
