#include "apps/gyre/cmd_orb.h"

#include <fmt/format.h>

#include <memory>

#include "apps/gyre/server_orbs.h"
#include "apps/gyre/terminal.h"
#include "config/nearest.h"
#include "model/orb.h"
#include "model/orb_reference.h"

namespace gyre::apps {
namespace {

constexpr int most_pages = 1'000;

struct OrbOptions {
    std::string filter;
    std::string orb;
};

// What a config may write, too: "acme/tools" (the newest), "acme/tools@1".
Result<OrbReference> parse_wanted(const std::string& text) {
    return parse_orb_reference(text.find('@') == std::string::npos ? text + "@volatile" : text);
}

Result<int> list(const Cli& cli, const OrbOptions& options) {
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const json::array orbs, list_all_orbs(client, options.filter));
    if (cli.printed(json::object{{"items", orbs}})) return 0;
    if (orbs.empty()) {
        fmt::print("{}; `gyre orb publish FILE namespace/name@1.0.0` publishes one, `gyre orb import` brings many\n",
                   options.filter.empty() ? "the server has no orbs" : "no orb is called like that");
        return 0;
    }
    std::vector<std::vector<std::string>> rows{{"ORB", "NEWEST", "VERSIONS", "PUBLISHED", "BY"}};
    for (const auto& orb : orbs) {
        const auto* newest = orb.is_object() ? orb.get_object().if_contains("newest") : nullptr;
        const json::value none;
        const json::value& release = newest ? *newest : none;
        rows.push_back({text_of(orb, "name"), text_of(release, "version"), std::to_string(number_of(orb, "versions")),
                        text_of(release, "published_at"), text_of(release, "published_by")});
    }
    print_table(rows);
    return 0;
}

Result<int> info(const Cli& cli, const OrbOptions& options) {
    GYRE_TRY(check_orb_name(options.orb));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const auto orb = client.get(orb_address(options.orb));
    if (!orb) return with_suggestion(client, options.orb, orb.error());
    if (cli.printed(*orb)) return 0;
    fmt::print("{}\n\n", text_of(*orb, "name"));
    std::vector<std::vector<std::string>> rows{{"VERSION", "PUBLISHED", "BY", "EXPIRES", "SHA-256"}};
    const auto* versions = orb->is_object() ? orb->get_object().if_contains("versions") : nullptr;
    for (const auto& one : versions && versions->is_array() ? versions->get_array() : json::array{}) {
        rows.push_back({text_of(one, "version"), text_of(one, "published_at"), text_of(one, "published_by"),
                        text_of(one, "expires_at"), text_of(one, "sha256").substr(0, 12)});
    }
    print_table(rows);
    return 0;
}

Result<int> source(const Cli& cli, const OrbOptions& options) {
    GYRE_TRY_ASSIGN(const OrbReference wanted, parse_wanted(options.orb));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    const auto found = client.get(orb_address(wanted.name) + "/source?version=" + http::url_encode(wanted.version));
    if (!found) return with_suggestion(client, wanted.name, found.error());
    if (!cli.printed(*found)) fmt::print("{}", text_of(*found, "source"));
    return 0;
}

void add_reading_commands(CLI::App& orb, Cli& cli) {
    auto options = std::make_shared<OrbOptions>();
    auto* listing = orb.add_subcommand("list", "list the server's orbs");
    listing->add_option("filter", options->filter, "a part of their names");
    listing->footer("Example:  gyre orb list acme/");
    add_server_options(listing, cli);
    cli.on(listing, [&cli, options] { return list(cli, *options); });

    auto* showing = orb.add_subcommand("info", "show the versions of an orb");
    showing->add_option("orb", options->orb, "namespace/name")->required();
    showing->footer("Example:  gyre orb info acme/tools");
    add_server_options(showing, cli);
    cli.on(showing, [&cli, options] { return info(cli, *options); });

    auto* printing = orb.add_subcommand("source", "print the text of an orb");
    printing->add_option("orb", options->orb, "namespace/name@version as in a config; without a version the newest")
        ->required();
    printing->footer(
        "Example:  gyre orb source acme/tools@1 > tools.yml\n"
        "          gyre orb source acme/tools@dev:alpha");
    add_server_options(printing, cli);
    cli.on(printing, [&cli, options] { return source(cli, *options); });
}

}  // namespace

Result<json::array> list_all_orbs(ApiClient& client, const std::string& filter) {
    json::array orbs;
    std::string after;
    for (int page = 0; page < most_pages; ++page) {
        GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/gyre/orbs?limit=200&filter=" + http::url_encode(filter) +
                                                      "&page-token=" + http::url_encode(after)));
        for (auto& orb : items_of(answer)) orbs.push_back(std::move(orb));
        after = text_of(answer, "next_page_token");
        if (after.empty()) break;
    }
    return orbs;
}

Error with_suggestion(ApiClient& client, const std::string& name, const Error& error) {
    if (error.fault != Fault::not_found || error.message.find("no orb") == std::string::npos) return error;
    const auto orbs = list_all_orbs(client, "");
    std::vector<std::string> names;
    for (const auto& orb : orbs ? *orbs : json::array{}) names.push_back(text_of(orb, "name"));
    const std::string near = config::nearest(name, names);
    return not_found(error.message +
                     (near.empty() ? "; `gyre orb list` shows those it has" : "; did you mean '" + near + "'?"));
}

void add_orb_commands(CLI::App& app, Cli& cli) {
    auto* orb = app.add_subcommand("orb", "the server's orbs: publish, list, carry them to a server without network");
    orb->require_subcommand(1);
    add_reading_commands(*orb, cli);
    add_orb_publish_commands(*orb, cli);
    add_orb_bundle_commands(*orb, cli);
}

}  // namespace gyre::apps
