#pragma once

// The text of a .circleci/config.yml -> a Plan for one trigger, or diagnostics. Pure: reads no files, no clock, and any
// bytes whatsoever get an answer, within bounded memory. The text needs to live during the call only.

#include <optional>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "config/input.h"
#include "config/read.h"
#include "model/plan.h"

namespace gyre::config {

struct CompileLimits {
    ReadLimits read;
    std::size_t expanded_bytes = 16U << 20U;  // of everything in the plan, with a fixed price a value; aliases count
                                              // each time they are used
};

struct CompileResult {
    std::optional<Plan> plan;             // absent exactly when a diagnostic is an error
    std::vector<ResolvedOrb> orbs;        // that were imported from elsewhere, in the order of the config
    std::vector<Diagnostic> diagnostics;  // errors first, each group in the order of the text
};

CompileResult compile(std::string_view text, const CompileInput& input, const CompileLimits& limits = {});

}  // namespace gyre::config
