#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cmd_orb.h"
#include "apps/gyre/config_report.h"
#include "apps/gyre/orb_flags.h"
#include "apps/gyre/server_orbs.h"
#include "config/check_orb.h"
#include "config/render.h"
#include "model/orb.h"
#include "model/orb_reference.h"

namespace gyre::apps {
namespace {

struct PublishOptions {
    std::string file;
    std::string orb;
};

struct ValidateOptions {
    std::string file;
    OrbFlags orbs;
    ReportFlags report;
};

// A file's end that a config would use as the alias: "tools" of "acme/tools".
std::string alias_of(const std::string& name) { return name.substr(name.find('/') + 1); }

Result<int> publish(const Cli& cli, const PublishOptions& options) {
    GYRE_TRY_ASSIGN(const OrbReference place, parse_release_reference(options.orb));
    GYRE_TRY_ASSIGN(const std::string text, read_config(options.file));
    GYRE_TRY_ASSIGN(ApiClient client, cli.client());
    const auto shared = std::make_shared<ApiClient>(std::move(client));
    // The server checks it as well; here it is told with the file's name and in colours.
    const auto trouble = std::make_shared<std::optional<Error>>();
    const auto diagnostics =
        config::check_orb(text, {.file = shown_name(options.file), .orbs = orbs_of_server(shared, trouble)});
    if (*trouble) return **trouble;
    if (!diagnostics.empty()) fmt::print(stderr, "{}\n", config::render_text(diagnostics));
    if (config::has_errors(diagnostics)) {
        fmt::print(stderr, "gyre: {} is not published: {}\n", options.orb, config::summary(diagnostics));
        return exit_failed;
    }
    GYRE_TRY_ASSIGN(const auto answer,
                    shared->post(orb_address(place.name), json::object{{"version", place.version}, {"source", text}}));
    if (cli.printed(answer)) return 0;
    fmt::print("{} {}\n", text_of(answer, "outcome"), options.orb);
    if (is_dev_version(place.version)) fmt::print("it expires on {}\n", text_of(answer, "expires_at").substr(0, 10));
    fmt::print("use it:  orbs:\n           {}: {}\n", alias_of(place.name), options.orb);
    return 0;
}

Result<int> validate(const Cli& cli, const ValidateOptions& options) {
    GYRE_TRY_ASSIGN(const std::string text, read_config(options.file));
    const std::string file = shown_name(options.file);
    GYRE_TRY_ASSIGN(auto orbs, orb_source(options.orbs));
    auto diagnostics = config::check_orb(text, {.file = file, .orbs = std::move(orbs)});
    GYRE_TRY(check_server_answered(options.orbs));
    GYRE_TRY(drop_allowed(options.report, diagnostics));
    const int code = report(cli, options.report, diagnostics);
    if (code == 0 && !cli.as_json && options.report.format == "text") fmt::print("{} is a valid orb\n", file);
    return code;
}

Result<int> remove(const Cli& cli, const PublishOptions& options) {
    GYRE_TRY_ASSIGN(const OrbReference place, parse_release_reference(options.orb));
    GYRE_TRY_ASSIGN(auto client, cli.client());
    GYRE_TRY_ASSIGN(const auto answer,
                    client.remove(orb_address(place.name) + "?version=" + http::url_encode(place.version)));
    if (!cli.printed(answer)) fmt::print("removed {}\n", options.orb);
    return 0;
}

}  // namespace

void add_orb_publish_commands(CLI::App& orb, Cli& cli) {
    auto options = std::make_shared<PublishOptions>();
    auto* publishing = orb.add_subcommand("publish", "publish an orb on the server");
    publishing->add_option("file", options->file, "the orb's text; - is standard input")->required();
    publishing->add_option("orb", options->orb, "namespace/name@1.2.3, or namespace/name@dev:label")->required();
    publishing->footer(
        "A version like 1.2.3 never changes once it is published. A dev version is replaced by the next one of its\n"
        "label, and expires after 90 days.\n"
        "Example:  gyre orb publish tools.yml acme/tools@1.2.3\n"
        "          gyre orb publish tools.yml acme/tools@dev:my-branch");
    add_server_options(publishing, cli);
    cli.on(publishing, [&cli, options] { return publish(cli, *options); });

    auto checked = std::make_shared<ValidateOptions>();
    auto* validating = orb.add_subcommand("validate", "check an orb's text by itself: everything in it, used or not");
    validating->add_option("file", checked->file, "the orb's text; - is standard input")->required();
    add_orb_options(validating, checked->orbs);
    add_report_options(validating, checked->report, cli);
    validating->footer(
        "Exit code 0: valid, warnings or not; 1: not valid.\n"
        "Example:  gyre orb validate tools.yml\n"
        "          gyre orb validate tools.yml --server-orbs     with the orbs that it imports from the server");
    cli.on(validating, [&cli, checked] { return validate(cli, *checked); });

    auto* removing = orb.add_subcommand("remove", "remove a dev version; others stay, for configs rely on them");
    removing->add_option("orb", options->orb, "namespace/name@dev:label")->required();
    removing->footer("Example:  gyre orb remove acme/tools@dev:my-branch");
    add_server_options(removing, cli);
    cli.on(removing, [&cli, options] { return remove(cli, *options); });
}

}  // namespace gyre::apps
