#pragma once

// How `gyre config ...` prints what the compiler says, the same for every command that compiles.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "config/diagnostic.h"

namespace gyre::apps {

struct ReportFlags {
    std::string format = "text";
    std::vector<std::string> allowed;  // codes of warnings that are not to be reported
    bool strict = false;               // warnings fail
};

// Adds --format, --json, --allow and --strict.
void add_report_options(CLI::App* app, ReportFlags& flags, Cli& cli);

// Drops the warnings of allowed codes. Errors stay. An unknown code is `invalid`.
Result<void> drop_allowed(const ReportFlags& flags, std::vector<config::Diagnostic>& diagnostics);

// Text goes to standard output, in colours on a terminal, and a line with the numbers to standard error; other formats
// are for programs and go to standard output alone. Gives the exit code.
int report(const Cli& cli, const ReportFlags& flags, const std::vector<config::Diagnostic>& diagnostics);

// The text of a config or an orb, a file's or a pipe's; `-` is standard input. Of one that is larger than any config
// may be only so much is read that the compiler says so, with its limit.
Result<std::string> read_config(const std::string& path);
// How diagnostics call it: "<stdin>" for `-`.
std::string shown_name(const std::string& path);

// Each adds one command below `gyre config`.
void add_validate_command(CLI::App& config, Cli& cli);
void add_explain_command(CLI::App& config, Cli& cli);
void add_schema_command(CLI::App& config, Cli& cli);
void add_process_command(CLI::App& config, Cli& cli);
void add_graph_command(CLI::App& config, Cli& cli);

}  // namespace gyre::apps
