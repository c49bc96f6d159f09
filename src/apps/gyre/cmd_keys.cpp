#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/secret_input.h"
#include "apps/gyre/terminal.h"

// Additional SSH keys of projects, for the step `add_ssh_keys`.

namespace gyre::apps {
namespace {

struct KeysOptions {
    std::string slug;
    std::string hostname;
    bool of_one_host = false;  // a hostname was given; empty: that is any host
    std::string fingerprint;
};

std::string target_of(const KeysOptions& options) {
    return "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/ssh-key";
}

std::string host_text(const std::string& hostname) { return hostname.empty() ? "any host" : hostname; }

Result<int> list(const Cli& cli, const KeysOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(target_of(options)));
    if (cli.printed(answer)) return 0;
    std::vector<std::vector<std::string>> rows{{"HOST", "FINGERPRINT", "ADDED"}};
    for (const auto& key : items_of(answer))
        rows.push_back({host_text(text_of(key, "hostname")), text_of(key, "fingerprint"), text_of(key, "created_at")});
    if (rows.size() == 1) {
        fmt::print("{} has no SSH keys; 'gyre keys add {} --hostname HOST < private-key' adds one\n", options.slug,
                   options.slug);
    } else {
        print_table(rows);
    }
    for (const auto& key : items_of(answer)) {
        if (const auto trouble = text_of(key, "error"); !trouble.empty())
            fmt::print(stderr, "gyre: {} cannot be read, remove it and add it again: {}\n", text_of(key, "fingerprint"),
                       trouble);
    }
    return 0;
}

Result<int> add(const Cli& cli, const KeysOptions& options) {
    GYRE_TRY_ASSIGN(const auto text, read_ssh_key());
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.post(target_of(options), json::object{{"hostname", options.hostname},
                                                                                    {"private_key", text}}));
    if (cli.printed(answer)) return 0;
    fmt::print("added {} for {}; jobs get it by the step add_ssh_keys\n{}\n", text_of(answer, "fingerprint"),
               host_text(options.hostname), text_of(answer, "public_key"));
    return 0;
}

Result<int> remove(const Cli& cli, const KeysOptions& options) {
    const std::string query = !options.of_one_host ? "" : "?hostname=" + http::url_encode(options.hostname);
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer,
                    client.remove(target_of(options) + "/" + http::url_encode(options.fingerprint) + query));
    if (!cli.printed(answer)) fmt::print("removed {}\n", options.fingerprint);
    return 0;
}

}  // namespace

void add_keys_commands(CLI::App& app, Cli& cli) {
    auto options = std::make_shared<KeysOptions>();
    auto* keys = app.add_subcommand(
        "keys", "SSH keys of a project: those that jobs get by the step add_ssh_keys, and those that read its remote");
    keys->require_subcommand(1);
    auto* listing = keys->add_subcommand("list", "show the hosts and fingerprints of keys for add_ssh_keys");
    auto* adding = keys->add_subcommand("add", "add one; the private key comes on standard input");
    auto* removing = keys->add_subcommand("remove", "remove one; jobs that begin from now on do not have it");
    adding->footer("Example:  gyre keys add git/app --hostname deploy.example.org < id_ed25519");
    for (auto* command : {listing, adding, removing}) {
        command->add_option("project", options->slug, "slug of the project, git/NAME")->required();
        if (command == removing) add_fingerprint_option(command, options->fingerprint);
        if (command == adding)
            command->add_option("--hostname", options->hostname, "the host that it is for; default: any host");
        if (command == removing)
            command->add_option("--hostname", options->hostname,
                                "of this host alone, '' is any; default: of every host");
        add_server_options(command, cli);
    }
    add_checkout_key_commands(*keys, cli);
    cli.on(listing, [&cli, options] { return list(cli, *options); });
    cli.on(adding, [&cli, options] { return add(cli, *options); });
    cli.on(removing, [&cli, options, removing] {
        options->of_one_host = removing->count("--hostname") > 0;
        return remove(cli, *options);
    });
}

}  // namespace gyre::apps
