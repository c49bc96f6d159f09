#pragma once

// Where a command of this machine finds the orbs of a config, as options.

#include <CLI/CLI.hpp>

#include <string>

#include "apps/gyre/server_orbs.h"
#include "config/input.h"

namespace gyre::apps {

struct OrbFlags {
    std::string directory;
    bool of_server = false;
    AddressFlags address;
    OrbTrouble trouble = std::make_shared<std::optional<Error>>();
};

// Adds --orb-dir, --server-orbs, and --server and --token-file for the latter.
void add_orb_options(CLI::App* app, OrbFlags& flags);

// The directory comes first. Errors: invalid (no directory), and those of finding a server. No server is asked before
// an orb is.
Result<config::OrbSource> orb_source(const OrbFlags& flags);

// After compiling: what kept the server from answering, in place of what the compiler says of orbs it did not get.
Result<void> check_server_answered(const OrbFlags& flags);

}  // namespace gyre::apps
