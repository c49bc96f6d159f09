#pragma once

// What every reading of a text has in common, a config's or an orb's: the text becomes a tree, something looks at it,
// and the complaints of all come out in the order in which they help, without secrets.

#include <functional>
#include <string_view>
#include <vector>

#include "config/compile.h"
#include "config/context.h"

namespace gyre::config {

// Calls `look` once with the root, unless the text cannot be read at all. Context and nodes live during the call only.
// The answer: errors first, each group in the order of the text.
std::vector<Diagnostic> examine(std::string_view text, const CompileInput& input, const CompileLimits& limits,
                                const std::function<void(Context&, const Node& root)>& look);

}  // namespace gyre::config
