#include <fmt/format.h>

#include <memory>

#include "apps/gyre/config_report.h"
#include "config/compile.h"
#include "config/hide_secrets.h"

namespace gyre::apps {
namespace {

struct ValidateOptions {
    std::string file = ".circleci/config.yml";
    std::string branch = "main";
    std::string tag;
    ReportFlags report;
};

Result<int> validate(const Cli& cli, const ValidateOptions& options) {
    GYRE_TRY_ASSIGN(const std::string text, read_config(options.file));
    config::CompileInput input;
    input.file = options.file;
    input.branch = options.tag.empty() ? options.branch : "";
    input.tag = options.tag;
    auto compiled = config::compile(text, input);
    config::hide_secrets(compiled.diagnostics);
    GYRE_TRY(drop_allowed(options.report, compiled.diagnostics));
    const int code = report(cli, options.report, compiled.diagnostics);
    if (code == 0 && !cli.as_json && options.report.format == "text") fmt::print("{} is valid\n", options.file);
    return code;
}

}  // namespace

void add_validate_command(CLI::App& config, Cli& cli) {
    auto* command = config.add_subcommand("validate", "compile a config and print every error with its place");
    auto options = std::make_shared<ValidateOptions>();
    command->add_option("file", options->file, "the config; - is standard input")->capture_default_str();
    command->add_option("--branch", options->branch, "compile as for a push to this branch")->capture_default_str();
    command->add_option("--tag", options->tag, "compile as for this tag");
    add_report_options(command, options->report, cli);
    command->footer(
        "Exit code 0: valid, warnings or not; 1: not valid.\n"
        "Example:  gyre config validate .circleci/config.yml --branch feature/x\n"
        "          gyre config validate --format sarif > config.sarif");
    cli.on(command, [&cli, options] { return validate(cli, *options); });
}

}  // namespace gyre::apps
