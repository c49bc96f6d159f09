#pragma once

// An orb's text by itself: what its publisher has to know before anybody imports it. Every command, executor and job in
// it is read with any arguments, and so are those of the orbs that are written in it. Orbs that it imports are asked
// for, and must be there.

#include <string_view>
#include <vector>

#include "config/compile.h"

namespace gyre::config {

// As of a compile: errors first. Of `input` the file's name and the source of orbs count.
std::vector<Diagnostic> check_orb(std::string_view text, const CompileInput& input, const CompileLimits& limits = {});

}  // namespace gyre::config
