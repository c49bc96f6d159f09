#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/secret_input.h"
#include "apps/gyre/terminal.h"

// Variables of projects.

namespace gyre::apps {
namespace {

struct EnvOptions {
    std::string slug;
    std::string name;
};

std::string target_of(const EnvOptions& options) {
    return "/api/v2/project/" + http::url_encode(options.slug) + "/envvar";
}

Result<int> list(const Cli& cli, const EnvOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(target_of(options)));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"NAME", "VALUE", "CHANGED"}};
    for (const auto& variable : items_of(answer))
        rows.push_back({text_of(variable, "name"), text_of(variable, "value"), text_of(variable, "updated_at")});
    if (rows.size() == 1) {
        fmt::print("{} has no variables; 'gyre env set {} NAME' adds one\n", options.slug, options.slug);
    } else {
        print_table(rows);
    }
    return 0;
}

Result<int> set(const Cli& cli, const EnvOptions& options) {
    GYRE_TRY_ASSIGN(const auto value, read_secret("value of " + options.name));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer,
                    client.post(target_of(options), json::object{{"name", options.name}, {"value", value}}));
    if (!cli.printed(answer)) fmt::print("set {}; jobs that begin from now on have it\n", options.name);
    return 0;
}

Result<int> unset(const Cli& cli, const EnvOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.remove(target_of(options) + "/" + http::url_encode(options.name)));
    if (!cli.printed(answer)) fmt::print("removed {}\n", options.name);
    return 0;
}

}  // namespace

void add_env_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<EnvOptions>();
    auto* variables = app.add_subcommand("env", "variables of a project: every job has them, nobody reads them again");
    variables->require_subcommand(1);
    auto* listing = variables->add_subcommand("list", "show their names, and the ends of their values");
    auto* setting = variables->add_subcommand("set", "set one; the value comes on standard input");
    auto* removing = variables->add_subcommand("unset", "remove one");
    setting->footer("Example:  gyre env set git/app TOKEN < token.txt");
    for (auto* command : {listing, setting, removing}) {
        command->add_option("project", options->slug, "slug of the project, git/NAME")->required();
        if (command != listing) command->add_option("name", options->name, "name of the variable")->required();
        add_server_options(command, cli);
    }
    cli.on(listing, [&cli, options] { return list(cli, *options); });
    cli.on(setting, [&cli, options] { return set(cli, *options); });
    cli.on(removing, [&cli, options] { return unset(cli, *options); });
}

}  // namespace gyre::apps
