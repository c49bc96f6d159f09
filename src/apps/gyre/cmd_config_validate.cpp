#include <fmt/format.h>

#include <memory>

#include "apps/gyre/compile_flags.h"
#include "apps/gyre/config_report.h"
#include "config/compile.h"

namespace gyre::apps {
namespace {

struct ValidateOptions {
    std::string file = ".circleci/config.yml";
    CompileFlags compile;
    ReportFlags report;
};

Result<int> validate(const Cli& cli, const ValidateOptions& options) {
    GYRE_TRY_ASSIGN(const std::string text, read_config(options.file));
    GYRE_TRY_ASSIGN(const config::CompileInput input, compile_input(options.compile, shown_name(options.file)));
    auto compiled = config::compile(text, input);
    GYRE_TRY(check_server_answered(options.compile.orbs));
    GYRE_TRY(drop_allowed(options.report, compiled.diagnostics));
    const int code = report(cli, options.report, compiled.diagnostics);
    if (code == 0 && !cli.as_json && options.report.format == "text") fmt::print("{} is valid\n", input.file);
    return code;
}

}  // namespace

void add_validate_command(CLI::App& config, Cli& cli) {
    auto* command = config.add_subcommand("validate", "compile a config and print every error with its place");
    auto options = std::make_shared<ValidateOptions>();
    command->add_option("file", options->file, "the config; - is standard input")->capture_default_str();
    options->compile.branch = "main";
    add_compile_options(command, options->compile);
    add_report_options(command, options->report, cli);
    command->footer(
        "Exit code 0: valid, warnings or not; 1: not valid.\n"
        "Example:  gyre config validate .circleci/config.yml --branch feature/x\n"
        "          gyre config validate --format sarif > config.sarif");
    cli.on(command, [&cli, options] { return validate(cli, *options); });
}

}  // namespace gyre::apps
