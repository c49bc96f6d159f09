#pragma once

#include <string>

#include "base/result.h"

namespace gyre::apps {

// A secret value for a command: at a terminal one line that is not shown, else all of standard input without the last
// line's end. Never from an argument, where every process of the machine could read it. `invalid` when it is empty.
Result<std::string> read_secret(const std::string& what);

}  // namespace gyre::apps
