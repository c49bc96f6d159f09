#include "adapters/sqlite/stores.h"

#include "adapters/sqlite/connections.h"

namespace gyre::sqlite {

Result<std::unique_ptr<sql::Stores>> open_sqlite(const std::filesystem::path& path) {
    GYRE_TRY_ASSIGN(auto connections, Connections::open(path));
    return std::make_unique<sql::Stores>(std::move(connections));
}

}  // namespace gyre::sqlite
