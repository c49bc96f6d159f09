#include "apps/gyre/raw_database.h"

#include <filesystem>
#include <utility>

#include "adapters/postgres/database.h"
#include "adapters/sqlite/database.h"

namespace gyre::apps {

namespace {

// Of what is written: the tables may be large.
constexpr postgres::Patience long_patience{
    .statement = std::chrono::hours{24}, .lock = std::chrono::minutes{1}, .answer = std::chrono::hours{25}};

Result<std::unique_ptr<sql::Database>> open_postgres(const std::string& setting, RawAccess access) {
    const auto target = postgres::read_target(setting);
    if (!target) return target.error().during("setting database");
    GYRE_TRY_ASSIGN(auto database, postgres::Database::open(
                                       *target, access == RawAccess::write ? long_patience : postgres::Patience{}));
    return std::unique_ptr<sql::Database>(std::move(database));
}

}  // namespace

Result<std::unique_ptr<sql::Database>> open_raw_database(const ServerSettings& settings, const std::string& file,
                                                         RawAccess access) {
    if (!settings.database.empty()) return open_postgres(settings.database, access);
    const bool reads = access == RawAccess::read;
    std::error_code failed;
    if (reads && !std::filesystem::exists(file, failed))
        return not_found("there is no database " + file + ": is this the data directory of a server?");
    GYRE_TRY_ASSIGN(auto database, sqlite::Database::open(
                                       file, reads ? sqlite::Database::Access::read : sqlite::Database::Access::write));
    return std::unique_ptr<sql::Database>(std::make_unique<sqlite::Database>(std::move(database)));
}

std::string objects_of(const ServerSettings& settings) {
    return settings.objects_dir.empty() ? settings.data_dir : settings.objects_dir;
}

Result<RawTransaction> RawTransaction::begin(sql::Database& database, RawAccess access) {
    const bool sqlite = database.dialect() == sql::Dialect::sqlite;
    // References are looked at when the transaction ends; a schema's number is changed by one at a time.
    const char* const write = sqlite ? "BEGIN IMMEDIATE; PRAGMA defer_foreign_keys = ON"
                                     : "BEGIN; SELECT pg_advisory_xact_lock(8251910455401)";
    const char* const read = sqlite ? "BEGIN DEFERRED" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    GYRE_TRY(database.script(access == RawAccess::write ? write : read));
    return RawTransaction(database);
}

Result<void> RawTransaction::commit() {
    GYRE_TRY(database_->script("COMMIT"));
    database_ = nullptr;
    return {};
}

RawTransaction::~RawTransaction() {
    if (database_) (void)database_->script("ROLLBACK");
}

std::string kind_of_database(const sql::Database& database) {
    return database.dialect() == sql::Dialect::sqlite ? "sqlite" : "postgres";
}

}  // namespace gyre::apps
