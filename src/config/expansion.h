#pragma once

// The way that everything goes which reads a whole config: its text is read, parameters, commands, executors, orbs and
// matrices are expanded, everything in it is checked, and the jobs get their final names.

#include <functional>
#include <string_view>
#include <vector>

#include "config/compile.h"
#include "config/workflow.h"

namespace gyre::config {

struct Expansion {
    std::vector<WorkflowDraft> workflows;  // all, also those that do not run
    Jobs& jobs;
    bool setup = false;
    Value setup_at = {};  // null: not written
};

// Calls `use` once, while text and Context live, when nothing was wrong so far. What it reports is among the answer:
// errors first, each group in the order of the text.
std::vector<Diagnostic> expand(std::string_view text, const CompileInput& input, const CompileLimits& limits,
                               const std::function<void(Context&, Expansion&)>& use);

}  // namespace gyre::config
