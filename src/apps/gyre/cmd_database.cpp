#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "apps/gyre/agreement.h"
#include "apps/gyre/cli.h"
#include "apps/gyre/one_installation.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/records.h"
#include "apps/gyre/server_flags.h"

namespace gyre::apps {
namespace {

struct MigrateFlags {
    ServerFlags server;
    std::optional<int> step;
    bool lose_secrets = false;
    bool yes = false;  // do not ask a person
};

// Makes no directory for a name that was mistyped. A server in the way is told as it is of PostgreSQL.
Result<DataDirectory> hold(const ServerSettings& settings) {
    const std::string file = settings.data_dir + "/gyre.db";
    std::error_code failed;
    if (settings.database.empty() && !std::filesystem::exists(file, failed))
        return not_found("there is no database " + file + ": is this the data directory of a server?");
    auto data = DataDirectory::open(settings.data_dir);
    if (!data && DataDirectory::is_held(settings.data_dir)) return conflict(data.error().message);
    return data;
}

// What a step back drops, a line each; empty: nothing.
std::string told(const sql::Loss& loss, int target) {
    std::string text;
    for (const auto& table : loss.tables) text += fmt::format("  {}: {} rows\n", table.name, table.rows);
    for (const auto& column : loss.columns) text += fmt::format("  the column {}\n", column);
    if (text.empty()) return text;
    const char* const all = target == 0 ? ": everything that the server has recorded" : "";
    return fmt::format("going back from {} to {} drops, for good{}\n{}", loss.before, target, all, text);
}

// Whether a person says so, who has seen what it costs.
Result<bool> may_go_back(const ServerSettings& settings, const MigrateFlags& flags, sql::MayLose may_lose) {
    if (!flags.step) return true;
    GYRE_TRY_ASSIGN(const auto database, open_raw_database(settings, settings.data_dir + "/gyre.db", RawAccess::read));
    GYRE_TRY_ASSIGN(const auto loss, sql::loss_of_step(*database, *flags.step, may_lose));
    const auto losses = told(loss, *flags.step);
    if (losses.empty()) return true;
    fmt::print(stderr, "{}", losses);
    if (flags.yes) return true;
    return agreed("go back all the same?",
                  *flags.step == 0 ? "everything would be dropped" : "these records would be dropped");
}

Result<int> migrate(const MigrateFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags.server)));
    GYRE_TRY_ASSIGN(const DataDirectory data, hold(loaded.settings));
    const auto may_lose = flags.lose_secrets ? sql::MayLose::secrets : sql::MayLose::nothing;
    GYRE_TRY_ASSIGN(const bool yes, may_go_back(loaded.settings, flags, may_lose));
    if (!yes) return exit_failed;
    GYRE_TRY_ASSIGN(const auto step, migrate_records(loaded.settings, data, flags.step, may_lose));
    if (step.before == step.after) {
        fmt::print("gyre: the schema of the database is number {} already\n", step.after);
    } else {
        fmt::print("gyre: the schema of the database was number {} and is {} now\n", step.before, step.after);
    }
    return 0;
}

struct AdoptFlags {
    ServerFlags server;
    bool yes = false;
};

Result<int> adopt(const AdoptFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags.server)));
    const auto& settings = loaded.settings;
    GYRE_TRY_ASSIGN(const DataDirectory data, hold(settings));
    const std::string place = settings.objects.empty() ? objects_of(settings) : settings.objects;
    if (!flags.yes) {
        GYRE_TRY_ASSIGN(const bool yes, agreed("make the objects in " + place +
                                                   " those of this database, which then removes "
                                                   "what it does not name?",
                                               "the objects in " + place + " would become those of this database"));
        if (!yes) return exit_failed;
    }
    GYRE_TRY_ASSIGN(const auto adopted, adopt_objects(settings, data));
    if (adopted.before == adopted.installation) {
        fmt::print("{}: the objects of installation {}, as before\n", adopted.objects, adopted.installation);
    } else {
        fmt::print("{}: the objects of installation {} now, of {} before\n", adopted.objects, adopted.installation,
                   adopted.before.empty() ? "nobody" : adopted.before);
    }
    return 0;
}

}  // namespace

void add_database_commands(CLI::App& app, Cli& cli) {
    auto* database = app.add_subcommand("database", "look after the database of the server's records");
    database->require_subcommand(1);
    auto* migrating =
        database->add_subcommand("migrate", "bring the schema to this version's, or back to an older one");
    auto flags = std::make_shared<MigrateFlags>();
    add_setting_flags(migrating, flags->server);
    migrating->add_option("--to", flags->step, "number of the migration after which to stop (see db/migrations)")
        ->check(CLI::Range(0, sql::migrations().back().number));
    migrating->add_flag(
        "--lose-secrets", flags->lose_secrets,
        "go back although that destroys all SSH keys (to before 18), contexts and secrets (to before 17)");
    migrating->add_flag("--yes", flags->yes, "go back without asking; what is dropped is told all the same");
    migrating->footer(
        "Servers do this by themselves when they start. Going back drops what the older schema cannot hold: it tells\n"
        "what, asks, and is refused while a server runs. Stop all, make a backup, go back, then start the older "
        "version.\n"
        "Exit code 1: a server runs, or the answer was no; 3: there is no database.");
    cli.on(migrating, [flags] { return migrate(*flags); });

    auto adopting_flags = std::make_shared<AdoptFlags>();
    auto* adopting =
        database->add_subcommand("adopt-objects", "make the objects that the settings name those of the database");
    add_setting_flags(adopting, adopting_flags->server);
    adopting->add_flag("--yes", adopting_flags->yes, "do not ask");
    adopting->footer(
        "For objects that a server refused as another installation's, when you know better "
        "(docs/admin/installation.md).\n"
        "Stop all servers first. Exit code 1: a server runs, or the answer was no; 3: there is no database.\n"
        "Example:  gyre database adopt-objects --data-dir /var/lib/gyre --objects-dir /srv/gyre");
    cli.on(adopting, [adopting_flags] { return adopt(*adopting_flags); });
}

}  // namespace gyre::apps
