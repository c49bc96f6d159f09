#include "adapters/sql/test_tokens.h"
#include "adapters/sqlite/stores.h"
#include "ports/contract/temp_folder.h"

namespace gyre::sqlite {
namespace {

TEST(SqliteTokens, AreAddedWhileTheFirstIsShown) {
    const contract::TempFolder folder;
    const auto stores = open_sqlite(folder.path() / "gyre.db").value();
    sql::expect_writes_while_the_first_token_is_shown(*stores);
}

TEST(SqliteTokens, HaveOneFirst) {
    const contract::TempFolder folder;
    const auto stores = open_sqlite(folder.path() / "gyre.db").value();
    auto& tokens = stores->token_store();
    const auto fails = [] { return Result<void>(unavailable("nobody reads")); };
    EXPECT_FALSE(tokens.add_first("hash", {"first", "admin", {}}, fails).ok());
    EXPECT_TRUE(*tokens.empty());
    const auto shown = [] { return Result<void>(); };
    EXPECT_TRUE(*tokens.add_first("hash", {"first", "admin", {}}, shown));
    EXPECT_FALSE(*tokens.add_first("second", {"second", "admin", {}}, fails));
}

}  // namespace
}  // namespace gyre::sqlite
