#include "adapters/sql/installation_record.h"

#include <gtest/gtest.h>

#include "adapters/sql/test_installation.h"
#include "adapters/sqlite/connections.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/stores.h"
#include "ports/contract/temp_folder.h"

namespace gyre::sqlite {
namespace {

TEST(SqliteInstallation, HasOneId) {
    const contract::TempFolder folder;
    const auto path = folder.path() / "gyre.db";
    {
        const auto stores = open_sqlite(path).value();
        sql::expect_one_installation(*stores);
    }
    auto database = Database::open(path, Database::Access::write).value();
    EXPECT_EQ((*sql::find_installation(database))->id, "one");
    EXPECT_FALSE(database.script("INSERT INTO installation (one, id, made_at) VALUES (2, 'two', 1)").ok());
}

TEST(SqliteInstallation, HasNoIdInAnOlderSchema) {
    const contract::TempFolder folder;
    const auto path = folder.path() / "gyre.db";
    ASSERT_TRUE(open_sqlite(path).ok());
    ASSERT_TRUE(Connections::migrate(path, 17).ok());
    auto database = Database::open(path, Database::Access::read).value();
    EXPECT_EQ(*sql::find_installation(database), std::nullopt);
}

}  // namespace
}  // namespace gyre::sqlite
