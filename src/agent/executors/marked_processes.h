#pragma once

// Processes of an attempt without walls, known by wire::attempt_variable in the environment that they were started
// with.

#include <string>

#include "base/result.h"

namespace gyre::agent {

// Kills them until there are none, also those that appear meanwhile. Error: some do not end.
Result<void> end_marked_processes(const std::string& attempt);

}  // namespace gyre::agent
