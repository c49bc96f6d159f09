#pragma once

// The database of an installation beneath its stores, as it is: for backups, restores and the doctor, which look at
// databases of any schema, and damaged ones. Nothing is migrated by opening it.

#include <memory>
#include <string>

#include "adapters/sql/database.h"
#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

enum class RawAccess { read, write };

// Where the settings put the database. `file`: of SQLite, where the settings name no other database. `read` wants it to
// be there (`not_found`); `write` makes the file.
Result<std::unique_ptr<sql::Database>> open_raw_database(const ServerSettings& settings, const std::string& file,
                                                         RawAccess access);

// The directory of objects and outputs that the settings name.
std::string objects_of(const ServerSettings& settings);

// Rolls back unless commit() succeeded. `read` sees one snapshot of the database from its first look on.
class RawTransaction {
public:
    static Result<RawTransaction> begin(sql::Database& database, RawAccess access);
    RawTransaction(RawTransaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
    RawTransaction& operator=(RawTransaction&&) = delete;
    ~RawTransaction();
    Result<void> commit();

private:
    explicit RawTransaction(sql::Database& database) : database_(&database) {}

    sql::Database* database_;
};

// For people and manifests: "sqlite" or "postgres".
std::string kind_of_database(const sql::Database& database);

}  // namespace gyre::apps
