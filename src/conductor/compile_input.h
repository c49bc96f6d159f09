#pragma once

// What a config is compiled for, as far as this installation knows it: ref, parameters, and the pipeline's values
// (config-language.md section 12). A value that is not known is left out.

#include "config/input.h"
#include "model/pipeline.h"
#include "model/project.h"

namespace gyre::conductor {

config::CompileInput compile_input(const Pipeline& pipeline, const Project& project);

}  // namespace gyre::conductor
