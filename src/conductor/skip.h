#pragma once

// "[ci skip]" or "[skip ci]" in a commit's message: its push makes a pipeline that runs nothing and says why. A request
// for that commit runs it all the same.

#include <string>

#include "model/trigger.h"

namespace gyre::conductor {

// Empty: the pipeline runs.
std::string why_skipped(const Trigger& trigger);

}  // namespace gyre::conductor
