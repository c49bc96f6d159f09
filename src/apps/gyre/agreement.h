#pragma once

// What is done only when a person says so: asked on a terminal, or said beforehand with --yes.

#include <string>

#include "base/result.h"

namespace gyre::apps {

// Asks "<question> [y/N]" and answers whether that was a yes. invalid, with `--yes` in its message, where nobody can be
// asked. `consequence`: "3 jobs would be canceled".
Result<bool> agreed(const std::string& question, const std::string& consequence);

}  // namespace gyre::apps
