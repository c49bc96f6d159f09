#include "adapters/sql/migrations.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "adapters/sql/dump.h"
#include "ports/secret_store.h"

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

// Before these steps there is no place for SSH keys, for checkout keys, or for logins to registries.
constexpr int keeps_ssh_keys = 18;
constexpr int keeps_checkout_keys = 21;
constexpr int keeps_registry_logins = 22;

Result<void> check_none(Database& database, SecretKind kind, const std::string& what) {
    GYRE_TRY_ASSIGN(const auto keys, database.value<std::int64_t>("SELECT COUNT(*) FROM secrets WHERE kind = ?", kind));
    if (keys.value_or(0) == 0) return {};
    return conflict(std::to_string(*keys) + what +
                    " would be lost for good: make a backup, then go back with --lose-secrets");
}

Result<void> check_step_back(Database& database, const SchemaStep& step, MayLose may_lose) {
    const auto crosses = [&](int number) { return step.before >= number && step.after < number; };
    if (crosses(seals_outputs)) GYRE_TRY(check_nothing_is_sealed(database));
    if (crosses(keeps_secrets) && may_lose == MayLose::nothing) GYRE_TRY(check_no_secrets(database));
    if (crosses(keeps_ssh_keys) && may_lose == MayLose::nothing)
        GYRE_TRY(check_none(database, SecretKind::ssh_key, " SSH keys"));
    if (crosses(keeps_checkout_keys) && may_lose == MayLose::nothing)
        GYRE_TRY(check_none(database, SecretKind::checkout_key, " checkout keys"));
    if (crosses(keeps_registry_logins) && may_lose == MayLose::nothing)
        GYRE_TRY(check_none(database, SecretKind::registry_login, " logins to registries"));
    return {};
}

// One below the newest may be missing: of a database that was opened between two commits, whose migrations came into
// the sources in another order than their numbers'.
Result<std::set<int>> applied_numbers(Database& database) {
    std::set<int> numbers;
    const auto add = [&](const Row& row) -> Result<void> {
        int number = 0;
        GYRE_TRY(row.into(number));
        numbers.insert(number);
        return {};
    };
    GYRE_TRY(database.each("SELECT number FROM schema_migrations", add));
    return numbers;
}

}  // namespace

Result<SchemaStep> migrate(Database& database, std::optional<int> target, MayLose may_lose) {
    GYRE_TRY(database.script(in_dialect(table, database.dialect())));
    GYRE_TRY_ASSIGN(const auto applied, applied_numbers(database));
    const int known = migrations().back().number;
    const SchemaStep step{.before = applied.empty() ? 0 : *applied.rbegin(), .after = target.value_or(known)};
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
        if (migration.number <= step.after && !applied.contains(migration.number)) GYRE_TRY(apply(database, migration));
    }
    GYRE_TRY(check_step_back(database, step, may_lose));
    for (auto at = migrations().rbegin(); at != migrations().rend(); ++at) {
        if (at->number > step.after && applied.contains(at->number)) GYRE_TRY(undo(database, *at));
    }
    return step;
}

namespace {

// What follows `command` in a script, up to one of `ends`.
std::vector<std::string> named_by(std::string_view script, std::string_view command, std::string_view ends = " ;\n") {
    std::vector<std::string> names;
    for (auto at = script.find(command); at != std::string_view::npos; at = script.find(command, at)) {
        at += command.size();
        const auto end = script.find_first_of(ends, at);
        names.emplace_back(script.substr(at, end - at));
    }
    return names;
}

// "jobs.ssh" of "ALTER TABLE jobs DROP COLUMN ssh;".
std::vector<std::string> columns_dropped_by(std::string_view script) {
    constexpr std::string_view alter = "ALTER TABLE ";
    constexpr std::string_view drop = " DROP COLUMN ";
    std::vector<std::string> columns;
    for (auto at = script.find(drop); at != std::string_view::npos; at = script.find(drop, at + 1)) {
        const auto begin = script.rfind(alter, at) + alter.size();
        const auto end = script.find_first_of(" ;\n", at + drop.size());
        columns.push_back(std::string(script.substr(begin, at - begin)) + "." +
                          std::string(script.substr(at + drop.size(), end - at - drop.size())));
    }
    return columns;
}

}  // namespace

Result<Loss> loss_of_step(Database& database, int target, MayLose may_lose) {
    GYRE_TRY_ASSIGN(const int schema, schema_number(database));
    Loss loss{.before = schema, .tables = {}, .columns = {}};
    if (target >= schema) return loss;
    GYRE_TRY(check_step_back(database, {.before = schema, .after = target}, may_lose));
    std::set<std::string> tables;
    std::set<std::string> columns;
    std::multimap<std::string, std::string> removals;  // what is behind "DELETE FROM", by table; each of other rows
    for (const auto& migration : migrations()) {
        if (migration.number > schema || migration.number <= target) continue;
        const auto renamed = named_by(migration.down, " RENAME TO ");  // it stands in for one that was dropped
        for (auto& table : named_by(migration.down, "DROP TABLE "))
            if (std::ranges::count(renamed, table) == 0) tables.insert(std::move(table));
        for (auto& column : columns_dropped_by(migration.down)) columns.insert(std::move(column));
        for (auto& removal : named_by(migration.down, "DELETE FROM ", ";")) {
            auto from = removal.substr(0, removal.find(' '));
            removals.emplace(std::move(from), std::move(removal));
        }
    }
    GYRE_TRY_ASSIGN(const auto there, tables_of(database));
    for (const auto& table : there) {
        for (const auto& column : table.columns) {
            auto name = table.name + "." + column.name;
            if (!tables.contains(table.name) && columns.contains(name)) loss.columns.push_back(std::move(name));
        }
        std::vector<std::string> lost;
        const auto [from, to] = removals.equal_range(table.name);
        if (tables.contains(table.name)) {
            lost.push_back(table.name);
        } else {
            for (auto at = from; at != to; ++at) lost.push_back(at->second);
        }
        std::int64_t rows = 0;
        for (const auto& what : lost) {
            GYRE_TRY_ASSIGN(const auto some, database.value<std::int64_t>("SELECT COUNT(*) FROM " + what));
            rows += some.value_or(0);
        }
        if (rows > 0) loss.tables.push_back({table.name, rows});
    }
    std::ranges::sort(loss.tables, {}, &DroppedTable::name);
    std::ranges::sort(loss.columns);
    return loss;
}

}  // namespace gyre::sql
