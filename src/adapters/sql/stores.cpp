#include "adapters/sql/stores.h"

namespace gyre::sql {

Result<void> Stores::health() {
    return connections_->glance([](Database& database) -> Result<void> {
        GYRE_TRY(database.value<int>("SELECT 1 FROM schema_migrations LIMIT 1"));
        return {};
    });
}

}  // namespace gyre::sql
