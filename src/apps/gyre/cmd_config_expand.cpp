#include <fmt/format.h>

#include <memory>

#include "apps/gyre/compile_flags.h"
#include "apps/gyre/config_report.h"
#include "config/graph_drawing.h"
#include "config/process.h"
#include "config/render.h"

namespace gyre::apps {
namespace {

struct ExpandOptions {
    std::string file = ".circleci/config.yml";
    std::string format = "text";
    CompileFlags compile;
};

// Standard output is for what was asked for.
int refuse(const std::vector<config::Diagnostic>& diagnostics) {
    fmt::print(stderr, "{}\n{}\n", config::render_text(diagnostics), config::summary(diagnostics));
    return exit_failed;
}

Result<int> process(const ExpandOptions& options) {
    GYRE_TRY_ASSIGN(const std::string text, read_config(options.file));
    GYRE_TRY_ASSIGN(const config::CompileInput input, compile_input(options.compile, shown_name(options.file)));
    const auto result = config::process(text, input);
    GYRE_TRY(check_server_answered(options.compile.orbs));
    if (!result.text) return refuse(result.diagnostics);
    fmt::print("{}{}", config::orbs_comment(result.orbs), *result.text);
    return 0;
}

Result<int> graph(const ExpandOptions& options) {
    GYRE_TRY_ASSIGN(const std::string text, read_config(options.file));
    GYRE_TRY_ASSIGN(const config::CompileInput input, compile_input(options.compile, shown_name(options.file)));
    const auto result = config::graph(text, input);
    GYRE_TRY(check_server_answered(options.compile.orbs));
    if (!result.workflows) return refuse(result.diagnostics);
    const bool mermaid = options.format == "mermaid";
    fmt::print("{}", mermaid ? config::draw_mermaid(*result.workflows) : config::draw_text(*result.workflows));
    return 0;
}

}  // namespace

void add_process_command(CLI::App& config, Cli& cli) {
    auto* command = config.add_subcommand("process", "print the config with everything in it expanded");
    auto options = std::make_shared<ExpandOptions>();
    options->compile.branch = "main";
    command->add_option("file", options->file, "the config; - is standard input")->capture_default_str();
    add_compile_options(command, options->compile);
    command->footer(
        "The output is a config of version 2 that means the same: commands, executors, orbs, matrices and anchors are\n"
        "gone. Filters stay; conditions hold for the branch or tag that is given.\n"
        "Example:  gyre config process --parameter deploy=true > expanded.yml");
    cli.on(command, [options] { return process(*options); });
}

void add_graph_command(CLI::App& config, Cli& cli) {
    auto* command = config.add_subcommand("graph", "draw the workflows: which job runs after which");
    auto options = std::make_shared<ExpandOptions>();
    options->compile.branch = "main";
    command->add_option("file", options->file, "the config; - is standard input")->capture_default_str();
    command->add_option("--format", options->format, "text, or mermaid (for pages in Markdown)")
        ->check(CLI::IsMember({"text", "mermaid"}))
        ->capture_default_str();
    add_compile_options(command, options->compile);
    command->footer(
        "It draws what runs for the branch or tag; with --branch \"\" all jobs are there, whatever their filters.\n"
        "Example:  gyre config graph --branch feature/x\n"
        "          gyre config graph --format mermaid > workflows.mmd");
    cli.on(command, [options] { return graph(*options); });
}

}  // namespace gyre::apps
