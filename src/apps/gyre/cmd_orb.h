#pragma once

// The commands below `gyre orb`, and what they share.

#include <CLI/CLI.hpp>

#include <string>

#include "apps/gyre/cli.h"

namespace gyre::apps {

// An error of asking for an orb, with the name that is meant where that can be guessed.
Error with_suggestion(ApiClient& client, const std::string& name, const Error& error);

// All orbs whose names contain `filter`, as the API lists them; all pages.
Result<json::array> list_all_orbs(ApiClient& client, const std::string& filter);

void add_orb_publish_commands(CLI::App& orb, Cli& cli);  // publish, validate, remove
void add_orb_bundle_commands(CLI::App& orb, Cli& cli);   // import, export, bundle

}  // namespace gyre::apps
