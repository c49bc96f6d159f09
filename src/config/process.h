#pragma once

// A config with everything in it expanded, as a config of version 2 (config-language.md section 11): what
// `gyre config process` prints. Commands, executors, conditions, matrices, orbs and anchors are gone; filters and
// schedules are as written, since they depend on the branch or tag. Compiled again it gives the same Plan for every
// branch and tag (without the schedules of workflows whose condition does not hold), and processed again the same text.
// What version 2 of the reference lacks is written as in 2.1, and
// read in version 2 too: statuses in `requires`, `serial-group`, `job-groups`, `max_auto_reruns`, `setup`, a job
// without steps, and `workflows` with nothing but its `version` for no workflow at all. Filters that an expression
// decided let every branch and tag through, or none.

#include <optional>
#include <string>

#include "config/compile.h"
#include "config/expansion.h"

namespace gyre::config {

struct ProcessResult {
    std::optional<std::string> text;      // absent exactly when a diagnostic is an error
    std::vector<ResolvedOrb> orbs;        // that were imported from elsewhere, in the order of the config
    std::vector<Diagnostic> diagnostics;  // as of a compile
};

ProcessResult process(std::string_view text, const CompileInput& input, const CompileLimits& limits = {});

// Comment lines for the top of the text: "# orb circleci/node@5 is 5.2.0".
std::string orbs_comment(const std::vector<ResolvedOrb>& orbs);

}  // namespace gyre::config
