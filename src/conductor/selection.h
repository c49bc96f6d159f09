#pragma once

// Narrowing a plan to what a person asked for: one workflow, or one job alone.

#include <string>

#include "base/result.h"
#include "model/plan.h"

namespace gyre::conductor {

// Empty names select everything. With `job`, the plan's only workflow has this job alone, without its requirements (its
// workspace is empty then). Error: not_found, naming what there is.
Result<void> select(Plan& plan, const std::string& workflow, const std::string& job);

}  // namespace gyre::conductor
