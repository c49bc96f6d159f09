#include "apps/gyre/records.h"

#include "adapters/postgres/stores.h"
#include "adapters/sqlite/connections.h"
#include "adapters/sqlite/stores.h"

namespace gyre::apps {

Result<std::unique_ptr<sql::Stores>> open_records(const ServerSettings& settings, const DataDirectory& data,
                                                  const std::string& server) {
    if (settings.database.empty()) return sqlite::open_sqlite(data.file("gyre.db"));
    const auto target = postgres::read_target(settings.database);
    if (!target) return target.error().during("setting database");
    return postgres::open_postgres(*target, {.most = settings.database_connections, .server = server});
}

// The data directory is held: no server runs on this SQLite.
Result<sql::SchemaStep> migrate_records(const ServerSettings& settings, const DataDirectory& data,
                                        std::optional<int> step, sql::MayLose may_lose) {
    if (settings.database.empty()) return sqlite::Connections::migrate(data.file("gyre.db"), step, may_lose);
    const auto target = postgres::read_target(settings.database);
    if (!target) return target.error().during("setting database");
    return postgres::Connections::migrate(*target, step, may_lose);
}

}  // namespace gyre::apps
