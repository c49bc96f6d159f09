// What a step back of the schema would drop, told beforehand.

#include <gtest/gtest.h>

#include "adapters/sql/migrations.h"
#include "adapters/sqlite/connections.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/stores.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::sqlite {
namespace {

using sql::DroppedTable;
using sql::loss_of_step;
using sql::MayLose;

class LossTest : public testing::Test {
protected:
    LossTest() {
        const auto stores = open_sqlite(path_).value();
        EXPECT_TRUE(stores->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
        EXPECT_TRUE(stores->token_store().add("hash", {}).ok());
    }
    std::vector<DroppedTable> tables(int target, MayLose may_lose = MayLose::nothing) {
        const auto loss = loss_of_step(database_, target, may_lose);
        EXPECT_TRUE(loss.ok()) << loss.error().message;
        return loss->tables;
    }

    contract::TempFolder folder_;
    std::filesystem::path path_ = folder_.path() / "gyre.db";
    Database database_ = Database::open(path_, Database::Access::write).value();
};

TEST_F(LossTest, IsNothingForAStepForward) {
    const auto loss = loss_of_step(database_, sql::migrations().back().number, MayLose::nothing);
    EXPECT_TRUE(loss->tables.empty() && loss->columns.empty());
    ASSERT_TRUE(Connections::migrate(path_, 10).ok());
    EXPECT_TRUE(loss_of_step(database_, 12, MayLose::nothing)->columns.empty());
}

TEST_F(LossTest, IsAllThatTheDroppedTablesHoldAndTheColumnsOfThoseThatStay) {
    const SshKey one{.type = "ssh-ed25519", .blob = "AAAAC3Nz", .comment = {}, .fingerprint = "SHA256:one"};
    const SshKey two{.type = "ssh-ed25519", .blob = "AAAAC3Nz", .comment = {}, .fingerprint = "SHA256:two"};
    {
        const auto stores = open_sqlite(path_).value();
        for (const auto& key : {one, two}) ASSERT_TRUE(stores->ssh_store().add_key({"ann", key, contract::at(1)}).ok());
    }
    EXPECT_EQ(tables(13), std::vector<DroppedTable>());
    EXPECT_EQ(tables(12), (std::vector<DroppedTable>{{"user_keys", 2}}));
    const auto loss = loss_of_step(database_, 12, MayLose::nothing).value();
    EXPECT_EQ(loss.columns,
              (std::vector<std::string>{"jobs.failed_tests_of", "jobs.timings_from", "servers.signing_key"}));
    EXPECT_EQ(loss.before, sql::migrations().back().number);
}

TEST_F(LossTest, IsEverythingForAStepToNothing) {
    EXPECT_EQ(tables(0), (std::vector<DroppedTable>{{"projects", 1}, {"tokens", 1}}));
    EXPECT_TRUE(loss_of_step(database_, 0, MayLose::nothing)->columns.empty());
}

// Its down script makes the table anew under another name.
TEST_F(LossTest, IsNotATableThatAnotherStandsInFor) {
    ASSERT_TRUE(Connections::migrate(path_, 3).ok());
    ASSERT_TRUE(database_
                    .script("PRAGMA foreign_keys = OFF; INSERT INTO workspace_layers (workspace_id, job_id, task_index,"
                            " attempt, sequence, job_name, blob, size) VALUES ('w', 'j', 0, 1, 1, 'n', 'b', 1)")
                    .ok());
    EXPECT_EQ(tables(2), std::vector<DroppedTable>());
}

TEST_F(LossTest, IsAlsoWhatIsTakenOutOfTablesThatStay) {
    {
        const auto stores = open_sqlite(path_).value();
        for (const auto& place : {SecretPlace{SecretKind::project_variable, "p", "TOKEN"},
                                  SecretPlace{SecretKind::ssh_key, "p", "aa:bb git.example.org"},
                                  SecretPlace{SecretKind::checkout_key, "p", "aa:bb deploy-key"},
                                  SecretPlace{SecretKind::registry_login, "git", "ghcr.io"}})
            ASSERT_TRUE(stores->secret_store().put({.place = place, .key = "k", .sealed = "s"}, 9).ok());
    }
    EXPECT_EQ(tables(21, MayLose::secrets), (std::vector<DroppedTable>{{"secrets", 1}}));
    EXPECT_EQ(tables(20, MayLose::secrets), (std::vector<DroppedTable>{{"secrets", 2}}));
    EXPECT_EQ(tables(17, MayLose::secrets), (std::vector<DroppedTable>{{"secrets", 3}}));
    EXPECT_EQ(tables(16, MayLose::secrets), (std::vector<DroppedTable>{{"secrets", 4}}));
}

TEST_F(LossTest, IsRefusedAsTheStepIs) {
    ASSERT_TRUE(
        database_.script("INSERT INTO contexts (id, organization, name, created_at) VALUES ('c', 'git', 'd', 1)").ok());
    contract::expect_fault(loss_of_step(database_, 13, MayLose::nothing), Fault::conflict);
    EXPECT_EQ(tables(16, MayLose::secrets), (std::vector<DroppedTable>{{"contexts", 1}}));
}

}  // namespace
}  // namespace gyre::sqlite
