#include "adapters/postgres/stores.h"

namespace gyre::postgres {

Result<std::unique_ptr<sql::Stores>> open_postgres(const Target& target, const PoolSettings& settings) {
    GYRE_TRY_ASSIGN(auto connections, Connections::open(target, settings));
    return std::make_unique<sql::Stores>(std::move(connections), settings.server);
}

}  // namespace gyre::postgres
