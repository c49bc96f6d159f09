#pragma once

// What a config is compiled for: the facts of the trigger. Pipeline values and parameters, and the source of orbs, will
// join here when the language of version 2.1 does.

#include <string>

namespace gyre::config {

struct CompileInput {
    std::string file = ".circleci/config.yml";  // named in diagnostics
    // At most one of the two. With neither, filters are checked but not applied: every job is planned.
    std::string branch;
    std::string tag;
};

}  // namespace gyre::config
