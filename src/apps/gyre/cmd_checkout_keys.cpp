#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "apps/gyre/cli.h"
#include "apps/gyre/secret_input.h"
#include "apps/gyre/terminal.h"

// Checkout keys of projects, which server and agents read the remote with.

namespace gyre::apps {
namespace {

struct CheckoutKeyOptions {
    std::string slug;
    std::string type = "deploy-key";
    std::string fingerprint;
    bool given = false;   // the private key comes on standard input
    bool behind = false;  // the preferred one stays
};

std::string target_of(const CheckoutKeyOptions& options) {
    const std::string all = "/api/v2/project/" + http::url_encode(options.slug) + "/checkout-key";
    return options.fingerprint.empty() ? all : all + "/" + http::url_encode(options.fingerprint);
}

bool is_preferred(const json::value& key) {
    const auto* preferred = key.as_object().if_contains("preferred");
    return preferred && preferred->is_bool() && preferred->get_bool();
}

void warn_of_unreadable(const json::value& key) {
    if (const auto trouble = text_of(key, "error"); !trouble.empty())
        fmt::print(stderr, "gyre: {} cannot be read, remove it and add another: {}\n", text_of(key, "fingerprint"),
                   trouble);
}

Result<int> list(const Cli& cli, const CheckoutKeyOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.get(target_of(options)));
    if (cli.printed(answer)) return 0;
    const auto keys = items_of(answer);
    if (keys.empty()) {
        fmt::print("{} has no checkout keys; 'gyre keys checkout add {}' makes one\n", options.slug, options.slug);
        return 0;
    }
    for (const auto& key : keys) {
        fmt::print("{}  {}{}  {}\n", text_of(key, "fingerprint"), text_of(key, "type"),
                   is_preferred(key) ? "  preferred" : "", text_of(key, "created-at"));
        if (const auto line = text_of(key, "public-key"); !line.empty()) fmt::print("    {}\n", line);
        warn_of_unreadable(key);
    }
    return 0;
}

Result<int> add(const Cli& cli, const CheckoutKeyOptions& options) {
    json::object wish{{"type", options.type}, {"preferred", !options.behind}};
    if (options.given) {
        GYRE_TRY_ASSIGN(wish["private_key"], read_ssh_key());
    }
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto key, client.post(target_of(options), wish));
    if (cli.printed(key)) return 0;
    fmt::print(
        "added {}{}\n\n{}\n\nnext: let this key read the repository (at the forge: {})\n", text_of(key, "fingerprint"),
        is_preferred(key) ? "" : ", behind the preferred one", text_of(key, "public-key"),
        options.type == "user-key" ? "the SSH keys of an account that may" : "its deploy keys, without write access");
    if (is_preferred(key)) {
        fmt::print("      gyre project refresh {}      read the remote then\n", options.slug);
    } else {
        fmt::print("      gyre keys checkout prefer {} {}\n", options.slug, text_of(key, "fingerprint"));
    }
    return 0;
}

// The public part alone, so that it can be piped on.
Result<int> show(const Cli& cli, const CheckoutKeyOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto key, client.get(target_of(options)));
    if (cli.printed(key)) return 0;
    warn_of_unreadable(key);
    if (const auto line = text_of(key, "public-key"); !line.empty()) fmt::print("{}\n", line);
    return 0;
}

Result<int> prefer(const Cli& cli, const CheckoutKeyOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const std::string target = "/api/v2/gyre/project/" + http::url_encode(options.slug) + "/checkout-key/" +
                               http::url_encode(options.fingerprint) + "/prefer";
    GYRE_TRY_ASSIGN(const auto key, client.post(target, json::object{}));
    if (!cli.printed(key)) fmt::print("the remote of {} is read with {} now\n", options.slug, options.fingerprint);
    return 0;
}

Result<int> remove(const Cli& cli, const CheckoutKeyOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer, client.remove(target_of(options)));
    if (!cli.printed(answer)) fmt::print("removed {}; take it away at the forge, too\n", options.fingerprint);
    return 0;
}

}  // namespace

void add_checkout_key_commands(CLI::App& keys, Cli& cli) {
    auto options = std::make_shared<CheckoutKeyOptions>();
    auto* checkout = keys.add_subcommand(
        "checkout", "keys that server and agents read the project's remote over ssh with; one is preferred");
    checkout->require_subcommand(1);
    const auto command = [&](const char* name, const char* help, bool of_one,
                             Result<int> (*carry_out)(const Cli&, const CheckoutKeyOptions&)) {
        auto* made = checkout->add_subcommand(name, help);
        made->add_option("project", options->slug, "slug of the project, git/NAME")->required();
        if (of_one) add_fingerprint_option(made, options->fingerprint);
        add_server_options(made, cli);
        cli.on(made, [&cli, options, carry_out] { return carry_out(cli, *options); });
        return made;
    };
    command("list", "show them, the preferred one first", false, list);
    auto* adding = command("add", "make one, which is the preferred one from here on", false, add);
    adding->add_option("--type", options->type, "where its public part will lie: at the repository, or at an account")
        ->check(CLI::IsMember({"deploy-key", "user-key"}))
        ->capture_default_str();
    adding->add_flag("--given", options->given, "take the private key from standard input instead of making one");
    adding->add_flag("--keep-preferred", options->behind, "put it behind the one that is preferred now");
    adding->footer(
        "Examples:  gyre keys checkout add git/app\n"
        "           gyre keys checkout add git/app --given < id_ed25519");
    command("show", "print the public part of one", true, show);
    command("prefer", "read the remote with this one from now on", true, prefer);
    command("remove", "remove one; of the others the one that was preferred last is preferred", true, remove);
}

}  // namespace gyre::apps
