#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/secret_input.h"
#include "apps/gyre/terminal.h"

// Contexts: variables of an organization for the jobs that name them.

namespace gyre::apps {
namespace {

struct ContextOptions {
    std::string organization;
    std::string context;
    std::string name;  // of a variable
    std::string slug;  // of a project
};

std::string target_of(const std::string& id, const std::string& rest = {}) {
    return "/api/v2/context/" + http::url_encode(id) + rest;
}

Result<json::value> all(ApiClient& client, const ContextOptions& options) {
    return client.get("/api/v2/context?owner-slug=" + http::url_encode(options.organization));
}

Result<std::string> id_of(ApiClient& client, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(const auto answer, all(client, options));
    for (const auto& context : items_of(answer)) {
        if (text_of(context, "name") == options.context) return text_of(context, "id");
    }
    return not_found("there is no context '" + options.context + "' in " + options.organization +
                     "; 'gyre context list' shows them");
}

Result<int> list(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, all(client, options));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"CONTEXT", "MADE"}};
    for (const auto& context : items_of(answer))
        rows.push_back({text_of(context, "name"), text_of(context, "created_at")});
    if (rows.size() == 1) {
        fmt::print("{} has no contexts; 'gyre context create {} NAME' makes one\n", options.organization,
                   options.organization);
    } else {
        print_table(rows);
    }
    return 0;
}

Result<int> create(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const json::object owner{{"slug", options.organization}, {"type", "organization"}};
    GYRE_TRY_ASSIGN(const auto answer,
                    client.post("/api/v2/context", json::object{{"name", options.context}, {"owner", owner}}));
    if (cli.printed(answer)) return 0;
    fmt::print("made {}\nnext: gyre context set {} {} NAME      give it a variable\n", options.context,
               options.organization, options.context);
    return 0;
}

Result<int> remove(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto id, id_of(client, options));
    GYRE_TRY_ASSIGN(const auto answer, client.remove(target_of(id)));
    if (!cli.printed(answer)) fmt::print("removed {} and its variables\n", options.context);
    return 0;
}

Result<int> show(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto id, id_of(client, options));
    GYRE_TRY_ASSIGN(const auto variables, client.get(target_of(id, "/environment-variable")));
    GYRE_TRY_ASSIGN(const auto restrictions, client.get(target_of(id, "/restrictions")));
    if (cli.printed(json::object{{"id", id}, {"variables", variables}, {"restrictions", restrictions}})) return 0;
    std::vector<std::vector<std::string>> rows{{"NAME", "VALUE", "CHANGED"}};
    for (const auto& variable : items_of(variables))
        rows.push_back(
            {text_of(variable, "variable"), text_of(variable, "truncated_value"), text_of(variable, "updated_at")});
    print_table(rows);
    if (items_of(restrictions).empty()) fmt::print("all projects of {} may use it\n", options.organization);
    for (const auto& one : items_of(restrictions)) fmt::print("{} may use it\n", text_of(one, "name"));
    return 0;
}

Result<int> set(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(const auto value, read_secret("value of " + options.name));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto id, id_of(client, options));
    const std::string target = target_of(id, "/environment-variable/" + http::url_encode(options.name));
    GYRE_TRY_ASSIGN(const auto answer, client.put(target, json::object{{"value", value}}));
    if (!cli.printed(answer)) fmt::print("set {}; jobs that begin from now on have it\n", options.name);
    return 0;
}

Result<int> unset(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto id, id_of(client, options));
    GYRE_TRY_ASSIGN(const auto answer,
                    client.remove(target_of(id, "/environment-variable/" + http::url_encode(options.name))));
    if (!cli.printed(answer)) fmt::print("removed {}\n", options.name);
    return 0;
}

Result<int> allow(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto id, id_of(client, options));
    const json::object wish{{"restriction_type", "project"}, {"restriction_value", options.slug}};
    GYRE_TRY_ASSIGN(const auto answer, client.post(target_of(id, "/restrictions"), wish));
    if (!cli.printed(answer))
        fmt::print("{} may use {}; projects that are not allowed may not\n", options.slug, options.context);
    return 0;
}

Result<int> disallow(const Cli& cli, const ContextOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto id, id_of(client, options));
    GYRE_TRY_ASSIGN(const auto restrictions, client.get(target_of(id, "/restrictions")));
    for (const auto& one : items_of(restrictions)) {
        if (text_of(one, "name") != options.slug) continue;
        GYRE_TRY_ASSIGN(const auto answer, client.remove(target_of(id, "/restrictions/" + text_of(one, "id"))));
        if (cli.printed(answer)) return 0;
        fmt::print("{} is no longer named\n", options.slug);
        if (items_of(restrictions).size() == 1)
            fmt::print("note: no project is named any more, so all of {} may use it now\n", options.organization);
        return 0;
    }
    return not_found(options.slug + " is not among the projects of the context; 'gyre context show' lists them");
}

}  // namespace

void add_context_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<ContextOptions>();
    auto* contexts = app.add_subcommand("context", "variables of an organization, for the jobs that name the context");
    contexts->require_subcommand(1);
    using Act = Result<int> (*)(const Cli&, const ContextOptions&);
    const auto add = [&](const char* name, const char* help, Act act) {
        auto* command = contexts->add_subcommand(name, help);
        command->add_option("organization", options->organization, "gh/ORG, or git for plain remotes")->required();
        add_server_options(command, cli);
        cli.on(command, [&cli, options, act] { return act(cli, *options); });
        return command;
    };
    const auto add_to_one = [&](const char* name, const char* help, Act act) {
        auto* command = add(name, help, act);
        command->add_option("context", options->context, "name of the context")->required();
        return command;
    };
    add("list", "show the contexts of an organization", list);
    add_to_one("create", "make one", create);
    add_to_one("delete", "remove one with its variables; jobs that name it become unauthorized", remove);
    add_to_one("show", "show its variables' names, the ends of their values, and who may use it", show);
    auto* setting = add_to_one("set", "set a variable; the value comes on standard input", set);
    setting->footer("Example:  gyre context set gh/acme deploy AWS_SECRET_ACCESS_KEY < key.txt");
    for (auto* command : {setting, add_to_one("unset", "remove a variable", unset)})
        command->add_option("name", options->name, "name of the variable")->required();
    for (auto* command :
         {add_to_one("allow", "let a project use it; once one is named, only those that are named may", allow),
          add_to_one("disallow", "name a project no longer", disallow)})
        command->add_option("project", options->slug, "slug of the project")->required();
}

}  // namespace gyre::apps
