#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/server_flags.h"
#include "apps/gyre/terminal.h"
#include "apps/gyre/text_file.h"
#include "config/compile.h"

namespace gyre::apps {
namespace {

struct ValidateOptions {
    std::string file = ".circleci/config.yml";
    std::string branch = "main";
    std::string tag;
};

constexpr std::size_t longest_config = 16 << 20;  // the compiler has a limit of its own, below

Result<int> validate(const Cli& cli, const ValidateOptions& options) {
    const auto text = read_text_file(options.file, longest_config);
    if (!text && text.error().fault == Fault::not_found)
        return not_found(text.error().message + "; name the config with `gyre config validate FILE`");
    if (!text) return text.error();
    config::CompileInput input;
    input.file = options.file;
    input.branch = options.tag.empty() ? options.branch : "";
    input.tag = options.tag;
    const auto compiled = config::compile(*text, input);
    if (cli.as_json) {
        json::array diagnostics;
        for (const auto& diagnostic : compiled.diagnostics) diagnostics.push_back(to_json(diagnostic));
        cli.printed(json::object{{"valid", compiled.plan.has_value()}, {"diagnostics", diagnostics}});
        return compiled.plan ? 0 : exit_failed;
    }
    for (const auto& diagnostic : compiled.diagnostics) fmt::print("{}\n", config::render_text(diagnostic));
    if (compiled.plan) fmt::print("{} is valid\n", options.file);
    return compiled.plan ? 0 : exit_failed;
}

Result<int> show(const Cli& cli, const ServerFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags)));
    if (cli.as_json) {
        json::object object;
        for (const auto& setting : loaded.shown)
            object[setting.name] = json::object{{"value", setting.value}, {"origin", setting.origin}};
        cli.printed(object);
        return 0;
    }
    std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE", "FROM", "WHAT IT IS FOR"}};
    for (const auto& setting : loaded.shown)
        rows.push_back({setting.name, setting.value, setting.origin, setting.help});
    print_table(rows);
    return 0;
}

}  // namespace

void add_config_commands(CLI::App& app, Cli& cli) {
    auto* config = app.add_subcommand("config", "check a pipeline's config; show the server's settings");
    config->require_subcommand(1);

    auto* validating = config->add_subcommand("validate", "compile a config and print every error with its place");
    auto options = std::make_shared<ValidateOptions>();
    validating->add_option("file", options->file, "the config")->capture_default_str();
    validating->add_option("--branch", options->branch, "compile as for a push to this branch")->capture_default_str();
    validating->add_option("--tag", options->tag, "compile as for this tag");
    validating->add_flag("--json", cli.as_json, "print JSON for programs");
    validating->footer("Example:  gyre config validate .circleci/config.yml --branch feature/x");
    cli.on(validating, [&cli, options] { return validate(cli, *options); });

    auto* showing = config->add_subcommand("show", "print every server setting, its value and where that comes from");
    auto flags = std::make_shared<ServerFlags>();
    add_setting_flags(showing, *flags);
    showing->add_flag("--json", cli.as_json, "print JSON for programs");
    showing->footer("Precedence: flag, then environment (GYRE_LISTEN), then settings file, then default.");
    cli.on(showing, [&cli, flags] { return show(cli, *flags); });
}

}  // namespace gyre::apps
