#pragma once

// From a trigger to a pipeline that can be stored: fetches the config at the trigger's revision and compiles it. What
// goes wrong on the way becomes the pipeline's errors, visible to everybody who looks at it.

#include <exception>
#include <optional>
#include <string>

#include "base/result.h"
#include "config/input.h"
#include "model/pipeline.h"
#include "model/project.h"
#include "ports/git_remote.h"

namespace gyre::conductor {

// Not compiled, and without a number. Error: unavailable, when the remote does not answer; then there is no pipeline,
// and the trigger may come again.
Result<Pipeline> read_pipeline(const Trigger& trigger, const Project& project, GitRemote& git, Timestamp now);

// Needs the pipeline's number, for the config may ask for it. Nothing happens to an errored pipeline, nor to one
// whose commit asks to be skipped; that says so. Notes which orbs were used. `gpus`: as in config::CompileInput.
void compile_pipeline(Pipeline& pipeline, const Project& project, const config::OrbSource& orbs,
                      std::optional<int> gpus = {});

// The same for the config that the pipeline's setup workflow handed over: what it plans comes behind what is there. An
// orb that the setup config used is the same version here.
void compile_continuation(Pipeline& pipeline, const Project& project, Continuation continuation,
                          const config::OrbSource& orbs, std::optional<int> gpus = {});

// The pipeline failed by a defect of Gyre that its config brought to light: it says so, and the server's log. One
// config must not take the server from everybody else.
void blame_ourselves(Pipeline& pipeline, const std::exception& defect);

}  // namespace gyre::conductor
