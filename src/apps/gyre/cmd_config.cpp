#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/config_report.h"
#include "apps/gyre/server_flags.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

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

    add_validate_command(*config, cli);
    add_process_command(*config, cli);
    add_graph_command(*config, cli);
    add_explain_command(*config, cli);
    add_schema_command(*config, cli);

    auto* showing = config->add_subcommand("show", "print every server setting, its value and where that comes from");
    auto flags = std::make_shared<ServerFlags>();
    add_setting_flags(showing, *flags);
    showing->add_flag("--json", cli.as_json, "print JSON for programs");
    showing->footer("Precedence: flag, then environment (GYRE_LISTEN), then settings file, then default.");
    cli.on(showing, [&cli, flags] { return show(cli, *flags); });
}

}  // namespace gyre::apps
