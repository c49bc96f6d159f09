#pragma once

// `--parameter NAME=VALUE` of commands that start pipelines: the type that the config declares says what the text
// means.

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace gyre::apps {

void add_parameter_option(CLI::App* app, std::vector<std::string>& parameters);

// By name, as UTF-8. Error: invalid, for what is not NAME=VALUE or comes twice.
Result<std::map<std::string, std::string>> parameter_texts(const std::vector<std::string>& parameters);

}  // namespace gyre::apps
