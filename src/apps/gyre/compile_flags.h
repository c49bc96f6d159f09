#pragma once

// What a config is compiled for, as options of the commands that compile one.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "apps/gyre/orb_flags.h"
#include "base/result.h"
#include "config/input.h"

namespace gyre::apps {

struct CompileFlags {
    std::string branch;
    std::string tag;
    std::vector<std::string> parameters;  // name=value
    std::string parameters_file;
    std::vector<std::string> values;  // name=value
    OrbFlags orbs;
};

// Adds --branch, --tag, --parameter, --parameters, --pipeline-value and those of orbs. `flags.branch` is the
// default.
void add_compile_options(CLI::App* app, CompileFlags& flags);

// Reads the files that the flags name. Errors name the flag.
Result<config::CompileInput> compile_input(const CompileFlags& flags, const std::string& file);

}  // namespace gyre::apps
