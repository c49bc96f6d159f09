#pragma once

// The flags of `gyre server`, made from the table of settings; `gyre config show` takes the same ones.

#include <CLI/CLI.hpp>

#include <map>
#include <string>

#include "apps/gyre/settings.h"

namespace gyre::apps {

struct ServerFlags {
    std::string config_file;
    std::map<std::string, std::string> values;  // by setting name; empty values were not given
};

// `flags` must live as long as the app.
void add_setting_flags(CLI::App* app, ServerFlags& flags);
SettingsSources sources_of(const ServerFlags& flags);

}  // namespace gyre::apps
