#pragma once

// Which contexts a job of a plan names, in their order. Pure.

#include <string>
#include <vector>

#include "model/plan.h"

namespace gyre {

std::vector<std::string> contexts_of(const Plan& plan, const std::string& workflow, const std::string& job);

}  // namespace gyre
