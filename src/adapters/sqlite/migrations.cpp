#include "adapters/sqlite/migrations.h"

#include <chrono>
#include <string>

namespace gyre::sqlite {
namespace {

constexpr std::string_view table =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL PRIMARY KEY, title TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL)";

Result<void> apply(Database& database, const Migration& migration) {
    auto done = database.script(std::string(migration.up));
    if (!done) return done.error().during("migration " + std::to_string(migration.number));
    GYRE_TRY(database.run("INSERT INTO schema_migrations (number, title, applied_at) VALUES (?, ?, ?)",
                          migration.number, migration.title,
                          std::chrono::floor<Duration>(std::chrono::system_clock::now())));
    return {};
}

}  // namespace

Result<void> migrate(Database& database) {
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::immediate));
    GYRE_TRY(database.run(table));
    GYRE_TRY_ASSIGN(const auto newest, database.value<int>("SELECT COALESCE(MAX(number), 0) FROM schema_migrations"));
    const int known = migrations().back().number;
    if (newest.value_or(0) > known) {
        return invalid(database.path() + " was written by a newer version of Gyre (its schema is number " +
                       std::to_string(*newest) + ", this version knows up to " + std::to_string(known) +
                       "): start that version, or go back as db/README.md says");
    }
    for (const auto& migration : migrations()) {
        if (migration.number > newest.value_or(0)) GYRE_TRY(apply(database, migration));
    }
    return transaction.commit();
}

}  // namespace gyre::sqlite
