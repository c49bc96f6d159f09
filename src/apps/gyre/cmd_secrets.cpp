#include <fmt/format.h>

#include <memory>
#include <string>

#include "apps/gyre/cli.h"
#include "apps/gyre/secret_keys.h"

// The keys that secrets are sealed with.

namespace gyre::apps {
namespace {

Result<int> add_key(const std::string& path) {
    GYRE_TRY(add_secrets_key(path));
    fmt::print(
        "{} has a new key in front; the older ones open what they sealed\n"
        "next: give the same file to every server on the database, then: gyre secrets rotate\n",
        path);
    return 0;
}

Result<int> rotate(const Cli& cli) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.post("/api/v2/gyre/secrets/seal-again", json::object{}));
    if (cli.printed(answer)) return 0;
    fmt::print("sealed {} secrets again with the newest key\n", number_of(answer, "sealed_again"));
    return 0;
}

}  // namespace

void add_secrets_commands(CLI::App& app, Cli& cli) {
    auto* secrets = app.add_subcommand("secrets", "look after the keys that secrets are sealed with");
    secrets->require_subcommand(1);
    auto path = std::make_shared<std::string>();
    auto* adding = secrets->add_subcommand("add-key", "put a new key in front of a key file of this machine");
    adding->add_option("file", *path, "secrets.key in the server's data_dir, or its secrets_key_file")->required();
    adding->footer("Works while servers run: they read the file again when they are told to, or meet the new key.");
    cli.on(adding, [path] { return add_key(*path); });
    auto* rotating = secrets->add_subcommand("rotate",
                                             "have the server read its key file again, and seal all secrets with its "
                                             "first key");
    rotating->footer(
        "Again, until it says 0: a value that was being set meanwhile may have an older key. Then older keys may "
        "leave\n"
        "the file when no backup is kept that was made before.\n"
        "Example:  gyre secrets add-key /var/lib/gyre/secrets.key && gyre secrets rotate");
    add_server_options(rotating, cli);
    cli.on(rotating, [&cli] { return rotate(cli); });
}

}  // namespace gyre::apps
