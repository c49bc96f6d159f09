#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/secret_input.h"
#include "apps/gyre/terminal.h"
#include "model/secret.h"

// Logins to registries that an organization has, which images of its projects' jobs are pulled with.

namespace gyre::apps {
namespace {

struct RegistryOptions {
    std::string organization;
    std::string registry;
    std::string username;
};

constexpr const char* all_of_them = "/api/v2/gyre/registries";

std::string of_organization(const RegistryOptions& options) {
    return "?owner-slug=" + http::url_encode(options.organization);
}

void warn_of_unreadable(const json::value& login) {
    if (const auto trouble = text_of(login, "error"); !trouble.empty())
        fmt::print(stderr, "gyre: the login to {} cannot be read, remove it and add it again: {}\n",
                   text_of(login, "registry"), trouble);
}

Result<int> list(const Cli& cli, const RegistryOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(all_of_them + of_organization(options)));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"REGISTRY", "USER", "CHANGED"}};
    for (const auto& login : items_of(answer))
        rows.push_back({text_of(login, "registry"), text_of(login, "username"), text_of(login, "updated_at")});
    if (rows.size() == 1) {
        fmt::print("{} has no logins to registries; 'gyre registries add {} REGISTRY --username USER' adds one\n",
                   options.organization, options.organization);
    } else {
        print_table(rows);
    }
    for (const auto& login : items_of(answer)) warn_of_unreadable(login);
    return 0;
}

Result<int> add(const Cli& cli, const RegistryOptions& options) {
    GYRE_TRY_ASSIGN(const auto password, read_secret("password of " + options.username + " at " + options.registry));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer,
                    client.post(all_of_them, json::object{{"owner", json::object{{"slug", options.organization}}},
                                                          {"registry", options.registry},
                                                          {"username", options.username},
                                                          {"password", password}}));
    if (cli.printed(answer)) return 0;
    fmt::print("stored the login of {} to {}; jobs of {} that begin from now on pull their images of it so\n",
               text_of(answer, "username"), text_of(answer, "registry"), options.organization);
    return 0;
}

Result<int> remove(const Cli& cli, const RegistryOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const std::string one = std::string(all_of_them) + "/" + http::url_encode(options.registry);
    GYRE_TRY_ASSIGN(const auto answer, client.remove(one + of_organization(options)));
    if (!cli.printed(answer)) fmt::print("removed the login to {}\n", options.registry);
    return 0;
}

}  // namespace

void add_registry_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<RegistryOptions>();
    auto* registries =
        app.add_subcommand("registries", "logins to registries that an organization's private images are pulled with");
    registries->require_subcommand(1);
    using Act = Result<int> (*)(const Cli&, const RegistryOptions&);
    const auto command = [&](const char* name, const char* help, bool of_one, Act act) {
        auto* made = registries->add_subcommand(name, help);
        made->add_option("organization", options->organization, "gh/ORG, or git for plain remotes")->required();
        if (of_one)
            made->add_option("registry", options->registry, "host or host:port; docker.io is Docker Hub")->required();
        add_server_options(made, cli);
        cli.on(made, [&cli, options, act] { return act(cli, *options); });
        return made;
    };
    command("list", "show registries and user names", false, list);
    auto* adding =
        command("add", "store one, in place of what is there; the password comes on standard input", true, add);
    adding->add_option("--username", options->username, "the user that the registry knows")->required();
    adding->footer(
        "Examples:  gyre registries add gh/acme ghcr.io --username robot < token.txt\n"
        "           gyre registries add git localhost:5000 --username ci       asks for the password");
    command("remove", "remove one; jobs that begin from now on do not have it", true, remove)
        ->footer("Example:  gyre registries remove gh/acme ghcr.io");
}

}  // namespace gyre::apps
