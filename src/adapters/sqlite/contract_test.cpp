#include "adapters/sqlite/stores.h"
#include "ports/contract/relational_contract.h"
#include "ports/contract/temp_folder.h"

namespace gyre::contract {
namespace {

struct SqliteWorld {
    TempFolder folder;
    std::unique_ptr<sql::Stores> owned = sqlite::open_sqlite(folder.path() / "gyre.db").value();
    sql::Stores& stores = *owned;
};

GYRE_RELATIONAL_CONTRACT(Sqlite, SqliteWorld);

}  // namespace
}  // namespace gyre::contract
