#pragma once

// "no command 'jbos'; did you mean `jobs`?"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace gyre::apps {

// A sentence when the line names a command that does not exist; nothing when the line is fine as far as can be seen.
std::optional<std::string> suggestion(const CLI::App& app, int argc, char** argv);

}  // namespace gyre::apps
