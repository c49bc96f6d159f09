#include "adapters/sqlite/stores.h"

namespace gyre::sqlite {

Result<void> SqliteStores::health() {
    return connections_->read([](Database& database) -> Result<void> {
        GYRE_TRY(database.value<int>("SELECT 1 FROM schema_migrations LIMIT 1"));
        return {};
    });
}

Result<std::unique_ptr<SqliteStores>> open_sqlite(const std::filesystem::path& path) {
    GYRE_TRY_ASSIGN(auto connections, Connections::open(path));
    return std::make_unique<SqliteStores>(std::move(connections));
}

}  // namespace gyre::sqlite
