#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "apps/gyre/cli.h"
#include "apps/gyre/records.h"
#include "apps/gyre/server_flags.h"

namespace gyre::apps {
namespace {

struct MigrateFlags {
    ServerFlags server;
    std::optional<int> step;
    bool lose_secrets = false;
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

Result<int> migrate(const MigrateFlags& flags) {
    GYRE_TRY_ASSIGN(const LoadedSettings loaded, load_settings(sources_of(flags.server)));
    GYRE_TRY_ASSIGN(const DataDirectory data, hold(loaded.settings));
    const auto may_lose = flags.lose_secrets ? sql::MayLose::secrets : sql::MayLose::nothing;
    GYRE_TRY_ASSIGN(const auto step, migrate_records(loaded.settings, data, flags.step, may_lose));
    if (step.before == step.after) {
        fmt::print("gyre: the schema of the database is number {} already\n", step.after);
    } else {
        fmt::print("gyre: the schema of the database was number {} and is {} now\n", step.before, step.after);
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
    migrating->add_flag("--lose-secrets", flags->lose_secrets,
                        "go back to before 17 although that destroys all contexts and secrets");
    migrating->footer(
        "Servers do this by themselves when they start. Going back loses what the older schema cannot hold, and is\n"
        "refused while a server runs: stop all, make a backup, go back, then start the older version.\n"
        "Exit code 1: a server runs; 3: there is no database.");
    cli.on(migrating, [flags] { return migrate(*flags); });
}

}  // namespace gyre::apps
