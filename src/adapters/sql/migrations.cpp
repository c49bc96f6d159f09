#include "adapters/sql/migrations.h"

#include <chrono>
#include <string>

namespace gyre::sql {
namespace {

constexpr std::string_view table =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL PRIMARY KEY, title TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL)";

Result<void> run(Database& database, const Migration& migration, std::string_view script) {
    auto done = database.script(in_dialect(script, database.dialect()));
    return done ? done : done.error().during("migration " + std::to_string(migration.number));
}

Result<void> apply(Database& database, const Migration& migration) {
    GYRE_TRY(run(database, migration, migration.up));
    GYRE_TRY(database.run("INSERT INTO schema_migrations (number, title, applied_at) VALUES (?, ?, ?)",
                          migration.number, migration.title,
                          std::chrono::floor<Duration>(std::chrono::system_clock::now())));
    return {};
}

Result<void> undo(Database& database, const Migration& migration) {
    GYRE_TRY(run(database, migration, migration.down));
    GYRE_TRY(database.run("DELETE FROM schema_migrations WHERE number = ?", migration.number));
    return {};
}

// Before this step nothing knows of sealed outputs, whose raw bytes are gone.
constexpr int seals_outputs = 14;

Result<void> check_nothing_is_sealed(Database& database) {
    GYRE_TRY_ASSIGN(const auto sealed, database.value<std::int64_t>("SELECT COUNT(*) FROM sealed_outputs"));
    if (sealed.value_or(0) == 0) return {};
    return conflict(std::to_string(*sealed) +
                    " outputs of steps are sealed, and an older version could not read them: write them back with "
                    "`gyre outputs unseal` first");
}

// Before this step nothing knows of contexts and secrets, and nothing else holds them.
constexpr int keeps_secrets = 17;

Result<void> check_no_secrets(Database& database) {
    GYRE_TRY_ASSIGN(const auto secrets, database.value<std::int64_t>("SELECT COUNT(*) FROM secrets"));
    GYRE_TRY_ASSIGN(const auto contexts, database.value<std::int64_t>("SELECT COUNT(*) FROM contexts"));
    if (secrets.value_or(0) == 0 && contexts.value_or(0) == 0) return {};
    return conflict(std::to_string(secrets.value_or(0)) + " secrets and " + std::to_string(contexts.value_or(0)) +
                    " contexts would be lost for good: make a backup, then go back with --lose-secrets");
}

Result<void> check_step_back(Database& database, const SchemaStep& step, MayLose may_lose) {
    const auto crosses = [&](int number) { return step.before >= number && step.after < number; };
    if (crosses(seals_outputs)) GYRE_TRY(check_nothing_is_sealed(database));
    if (crosses(keeps_secrets) && may_lose == MayLose::nothing) GYRE_TRY(check_no_secrets(database));
    return {};
}

}  // namespace

Result<SchemaStep> migrate(Database& database, std::optional<int> target, MayLose may_lose) {
    GYRE_TRY(database.script(in_dialect(table, database.dialect())));
    GYRE_TRY_ASSIGN(const auto newest, database.value<int>("SELECT COALESCE(MAX(number), 0) FROM schema_migrations"));
    const int known = migrations().back().number;
    const SchemaStep step{.before = newest.value_or(0), .after = target.value_or(known)};
    if (step.before > known) {
        return invalid(database.name() + " was written by a newer version of Gyre (its schema is number " +
                       std::to_string(step.before) + ", this version knows up to " + std::to_string(known) +
                       "): start that version, or go back as db/README.md says");
    }
    if (step.after < 0 || step.after > known) {
        return invalid("there is no migration " + std::to_string(step.after) + ": this version knows 0 to " +
                       std::to_string(known));
    }
    for (const auto& migration : migrations()) {
        if (migration.number > step.before && migration.number <= step.after) GYRE_TRY(apply(database, migration));
    }
    GYRE_TRY(check_step_back(database, step, may_lose));
    for (auto at = migrations().rbegin(); at != migrations().rend(); ++at) {
        if (at->number <= step.before && at->number > step.after) GYRE_TRY(undo(database, *at));
    }
    return step;
}

}  // namespace gyre::sql
