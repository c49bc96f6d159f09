// A backup of one kind of database is restored into the other, and back.

#include <gtest/gtest.h>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/output_store.h"
#include "adapters/postgres/stores.h"
#include "adapters/sql/dump.h"
#include "adapters/sqlite/stores.h"
#include "apps/gyre/backup_make.h"
#include "apps/gyre/doctor.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/restore.h"
#include "ports/contract/examples.h"
#include "ports/contract/postgres_server.h"
#include "ports/contract/temp_folder.h"

namespace gyre::apps {
namespace {

using contract::expect_fault;
using contract::PostgresServer;

Result<void> patient(const backup::Progress&) { return {}; }

// Where PostgreSQL is not installed nothing but SQLite, and the test is skipped.
struct OnPostgres {
    contract::TempFolder folder;
    std::unique_ptr<PostgresServer> server = PostgresServer::present() ? std::make_unique<PostgresServer>() : nullptr;
    std::string url = server ? server->new_database() : "";
    std::unique_ptr<fs::FileBlobStore> blobs = fs::FileBlobStore::open(folder.path()).value();
    std::unique_ptr<fs::FileOutputStore> outputs = fs::FileOutputStore::open(folder.path()).value();
    std::unique_ptr<sql::Stores> owned = server ? postgres::open_postgres({url, "the test's database"}).value()
                                                : sqlite::open_sqlite(folder.path() / "unused.db").value();
    sql::Stores& stores = *owned;
};

std::string rows_of(const ServerSettings& settings) {
    const auto database = open_raw_database(settings, settings.data_dir + "/gyre.db", RawAccess::read).value();
    const auto tables = sql::tables_of(*database).value();
    std::set<std::string> rows;  // which table comes first is the database's affair
    for (const auto& table : tables) {
        const auto add = [&](const json::array& row) -> Result<void> {
            json::object named;
            for (std::size_t i = 0; i < row.size(); ++i) named[table.columns[i].name] = row[i];
            std::set<std::string> parts;
            for (const auto& [name, value] : named) parts.insert(std::string(name) + "=" + json::serialize(value));
            std::string text = table.name;
            for (const auto& part : parts) text += " " + part;
            rows.insert(text);
            return {};
        };
        EXPECT_TRUE(sql::read_rows(*database, table, add).ok());
    }
    std::string all;
    for (const auto& row : rows) all += row + "\n";
    return all;
}

class BackupsOfPostgres : public contract::StoresContract<OnPostgres> {
protected:
    ServerSettings settings(const std::string& directory, const std::string& database = "") const {
        ServerSettings settings;
        settings.data_dir = (world_.folder.path() / directory).string();
        settings.database = database;
        return settings;
    }
};

TEST_F(BackupsOfPostgres, go_into_sqlite_and_back) {
    if (!world_.server) GTEST_SKIP() << "needs initdb: install the package postgresql";
    Workflow workflow = make_workflow({"build", "test"});
    place(workflow, 0, 0);
    finish_attempt(workflow, 0, 0, InfrastructureFailed{"gone \xff\x01 \xe2\x82\xac", false});
    workflow.jobs[0].tasks[0].status = TaskStatus::finished;
    ASSERT_EQ(store(workflow, {0}), Committed::stored);
    const auto backups = (world_.folder.path() / "backups").string();
    ServerSettings origin = settings(".", world_.url);
    const auto made = make_backup(origin, backups, 0, patient);
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(made->snapshot.manifest.database, "postgres");
    const auto embedded = settings("embedded");
    const auto restored = restore(embedded, backups, "", patient);
    ASSERT_TRUE(restored.ok()) << restored.error().message;
    EXPECT_EQ(rows_of(embedded), rows_of(origin));

    const auto again = (world_.folder.path() / "again").string();
    ASSERT_TRUE(make_backup(embedded, again, 0, patient).ok());
    const auto back = settings("back", world_.server->new_database());
    const auto returned = restore(back, again, "", patient);
    ASSERT_TRUE(returned.ok()) << returned.error().message;
    EXPECT_EQ(rows_of(back), rows_of(origin));
    expect_fault(restore(settings("other", back.database), again, "", patient), Fault::conflict);
    // What is numbered next comes behind what is there.
    const auto stores = postgres::open_postgres({back.database, "the other"}).value();
    Commit commit{.event = {"later"}, .kind = "test", .payload = {}, .at = contract::at(9)};
    EXPECT_TRUE(stores->workflow_store().commit(commit).ok());
    EXPECT_TRUE(examine_installation(back, false, patient).ok());
}

}  // namespace
}  // namespace gyre::apps
