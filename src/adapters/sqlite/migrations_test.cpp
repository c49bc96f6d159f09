#include "adapters/sql/migrations.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/sql/dialect.h"
#include "adapters/sql/test_orbs.h"
#include "adapters/sqlite/database.h"
#include "adapters/sqlite/stores.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::sqlite {
namespace {

using contract::expect_fault;
using sql::migrations;

// As Connections::open() does it.
Result<sql::SchemaStep> migrate(Database& database, std::optional<int> target = std::nullopt,
                                sql::MayLose may_lose = sql::MayLose::nothing) {
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::immediate));
    GYRE_TRY_ASSIGN(const auto step, sql::migrate(database, target, may_lose));
    GYRE_TRY(transaction.commit());
    return step;
}

class MigrationsTest : public testing::Test {
protected:
    Database open() { return Database::open(file_, Database::Access::write).value(); }
    static std::string tables(Database& database) {
        std::string names;
        const auto add = [&](const sql::Row& row) -> Result<void> {
            std::string name;
            GYRE_TRY(row.into(name));
            names += name + " ";
            return {};
        };
        EXPECT_TRUE(database
                        .each("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                              " ORDER BY name",
                              add)
                        .ok());
        return names;
    }

    contract::TempFolder folder_;
    std::filesystem::path file_ = folder_.path() / "gyre.db";
};

TEST_F(MigrationsTest, GoUpFromNothingAndDownToNothing) {
    auto database = open();
    ASSERT_TRUE(migrate(database).ok());
    EXPECT_NE(tables(database).find("workflows"), std::string::npos);
    ASSERT_TRUE(migrate(database, 0).ok());
    EXPECT_EQ(tables(database), "schema_migrations ");
}

TEST_F(MigrationsTest, EachGoesBackAndForwardAgain) {
    auto database = open();
    ASSERT_TRUE(migrate(database).ok());
    const auto whole = tables(database);
    for (const auto& migration : migrations()) {
        ASSERT_TRUE(migrate(database, migration.number - 1).ok()) << migration.title;
        const auto forward = migrate(database);
        ASSERT_TRUE(forward.ok()) << migration.title << ": " << forward.error().message;
        EXPECT_EQ(forward->before, migration.number - 1) << "numbers have no gaps";
        EXPECT_EQ(tables(database), whole) << migration.title;
    }
    contract::expect_fault(migrate(database, 9999), Fault::invalid);
    contract::expect_fault(migrate(database, -1), Fault::invalid);
}

TEST_F(MigrationsTest, ApplyWhatIsMissingBelowTheNewestAndUndoOnlyWhatIsThere) {
    auto database = open();
    ASSERT_TRUE(migrate(database, 18).ok());
    const auto usages = std::ranges::find(migrations(), 20, &sql::Migration::number);
    ASSERT_TRUE(database.script(sql::in_dialect(usages->up, sql::Dialect::sqlite)).ok());
    ASSERT_TRUE(database.script("INSERT INTO schema_migrations VALUES (20, 'usages', 1)").ok());
    ASSERT_TRUE(migrate(database, 18).ok()) << "there is no 19 to undo";
    ASSERT_TRUE(database.script(sql::in_dialect(usages->up, sql::Dialect::sqlite)).ok());
    ASSERT_TRUE(database.script("INSERT INTO schema_migrations VALUES (20, 'usages', 1)").ok());
    ASSERT_TRUE(migrate(database).ok());
    EXPECT_NE(tables(database).find("installation "), std::string::npos);
    EXPECT_EQ(**database.value<std::size_t>("SELECT COUNT(*) FROM schema_migrations"), migrations().size());
}

TEST_F(MigrationsTest, DestroySecretsOnlyForWhoSaysSo) {
    {
        const auto stores = open_sqlite(file_).value();
        ASSERT_TRUE(stores->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
        const SecretPlace place{SecretKind::project_variable, "p", "TOKEN"};
        ASSERT_TRUE(stores->secret_store().put({.place = place, .key = "k", .sealed = "s"}, 9).ok());
    }
    auto database = open();
    const auto refused = migrate(database, 16);
    contract::expect_fault(refused, Fault::conflict);
    EXPECT_NE(refused.error().message.find("1 secrets and 0 contexts"), std::string::npos);
    EXPECT_NE(refused.error().message.find("--lose-secrets"), std::string::npos);
    EXPECT_EQ(**database.value<int>("SELECT COUNT(*) FROM secrets"), 1);
    EXPECT_TRUE(migrate(database, 17).ok()) << "which keeps them";
    ASSERT_TRUE(migrate(database, 16, sql::MayLose::secrets).ok());
    ASSERT_TRUE(migrate(database).ok());
    EXPECT_EQ(**database.value<int>("SELECT COUNT(*) FROM secrets"), 0);
    ASSERT_TRUE(database
                    .script("INSERT INTO contexts (id, organization, name, created_at) VALUES"
                            " ('c', 'git', 'deploy', 1)")
                    .ok());
    contract::expect_fault(migrate(database, 13), Fault::conflict);
}

TEST_F(MigrationsTest, DestroySshKeysOnlyForWhoSaysSoAndKeepWhatIsNone) {
    const SecretPlace variable{SecretKind::project_variable, "p", "TOKEN"};
    {
        const auto stores = open_sqlite(file_).value();
        ASSERT_TRUE(stores->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
        const SecretPlace key{SecretKind::ssh_key, "p", "aa:bb git.example.org"};
        for (const auto& place : {variable, key})
            ASSERT_TRUE(stores->secret_store().put({.place = place, .key = "k", .sealed = "s"}, 9).ok());
    }
    {
        auto database = open();
        EXPECT_TRUE(migrate(database, 18).ok()) << "which keeps them";
        const auto refused = migrate(database, 17);
        contract::expect_fault(refused, Fault::conflict);
        EXPECT_NE(refused.error().message.find("1 SSH keys"), std::string::npos);
        EXPECT_NE(refused.error().message.find("--lose-secrets"), std::string::npos);
        ASSERT_TRUE(migrate(database, 17, sql::MayLose::secrets).ok());
        EXPECT_TRUE(migrate(database).ok());
    }
    const auto stores = open_sqlite(file_).value();
    EXPECT_TRUE(stores->secret_store().of(SecretKind::ssh_key, "p")->empty());
    ASSERT_EQ(stores->secret_store().of(SecretKind::project_variable, "p")->size(), 1U);
    EXPECT_EQ(stores->secret_store().of(SecretKind::project_variable, "p")->front().place, variable);
}

TEST_F(MigrationsTest, DestroyCheckoutKeysOnlyForWhoSaysSoAndKeepOtherKeys) {
    const SecretPlace other{SecretKind::ssh_key, "p", "aa:bb git.example.org"};
    {
        const auto stores = open_sqlite(file_).value();
        ASSERT_TRUE(stores->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
        const SecretPlace key{SecretKind::checkout_key, "p", "aa:bb deploy-key"};
        for (const auto& place : {other, key})
            ASSERT_TRUE(stores->secret_store().put({.place = place, .key = "k", .sealed = "s"}, 9).ok());
    }
    {
        auto database = open();
        EXPECT_TRUE(migrate(database, 21).ok()) << "which keeps them";
        const auto refused = migrate(database, 20);
        contract::expect_fault(refused, Fault::conflict);
        EXPECT_NE(refused.error().message.find("1 checkout keys"), std::string::npos);
        ASSERT_TRUE(migrate(database, 20, sql::MayLose::secrets).ok());
        EXPECT_TRUE(migrate(database).ok());
    }
    const auto stores = open_sqlite(file_).value();
    EXPECT_TRUE(stores->secret_store().of(SecretKind::checkout_key, "p")->empty());
    ASSERT_EQ(stores->secret_store().of(SecretKind::ssh_key, "p")->size(), 1U);
}

TEST_F(MigrationsTest, DestroyLoginsToRegistriesOnlyForWhoSaysSoAndKeepKeys) {
    const SecretPlace other{SecretKind::checkout_key, "p", "aa:bb deploy-key"};
    {
        const auto stores = open_sqlite(file_).value();
        ASSERT_TRUE(stores->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
        const SecretPlace login{SecretKind::registry_login, "git", "ghcr.io"};
        for (const auto& place : {other, login})
            ASSERT_TRUE(stores->secret_store().put({.place = place, .key = "k", .sealed = "s"}, 9).ok());
    }
    {
        auto database = open();
        EXPECT_TRUE(migrate(database, 22).ok()) << "which keeps them";
        const auto refused = migrate(database, 21);
        contract::expect_fault(refused, Fault::conflict);
        EXPECT_NE(refused.error().message.find("1 logins to registries"), std::string::npos);
        ASSERT_TRUE(migrate(database, 21, sql::MayLose::secrets).ok());
        EXPECT_TRUE(migrate(database).ok());
    }
    const auto stores = open_sqlite(file_).value();
    EXPECT_TRUE(stores->secret_store().of(SecretKind::registry_login, "git")->empty());
    ASSERT_EQ(stores->secret_store().of(SecretKind::checkout_key, "p")->size(), 1U);
}

TEST_F(MigrationsTest, RunOnce) {
    auto database = open();
    ASSERT_TRUE(migrate(database).ok());
    ASSERT_TRUE(migrate(database).ok());
    EXPECT_EQ(**database.value<int>("SELECT COUNT(*) FROM schema_migrations"), std::ssize(migrations()));
}

TEST_F(MigrationsTest, ADatabaseKeepsItsRowsWhenItIsOpenedAgain) {
    EXPECT_TRUE(open_sqlite(file_).value()->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    EXPECT_EQ(open_sqlite(file_).value()->project_store().by_slug("git/shop")->id.text, "p");
}

TEST_F(MigrationsTest, RefsThatAnOlderVersionSawAreNoNewPushes) {
    {
        auto database = open();
        ASSERT_TRUE(migrate(database).ok());
        ASSERT_TRUE(migrate(database, 1).ok());
        ASSERT_TRUE(database
                        .script("INSERT INTO projects VALUES ('p', 'git/shop', '/r', 'main', 1, 0);"
                                "INSERT INTO refs_seen VALUES ('p', '', 'looked-at'), ('p', 'refs/heads/main', 'a')")
                        .ok());
    }
    const auto stores = open_sqlite(file_).value();
    EXPECT_EQ(**stores->push_store().seen_refs({"p"}), (std::map<std::string, std::string>{{"refs/heads/main", "a"}}));
    EXPECT_EQ(*stores->push_store().newest({"p"}), 0);
}

TEST_F(MigrationsTest, OrbsOfAnOlderVersionStandInTheirOrder) {
    {
        auto database = open();
        ASSERT_TRUE(migrate(database).ok());
        ASSERT_TRUE(migrate(database, 9).ok());
        ASSERT_TRUE(database.script(sql::orbs_before_places).ok());
    }
    const auto stores = open_sqlite(file_).value();
    sql::expect_orbs_in_order(stores->orb_store());
}

TEST_F(MigrationsTest, JobsAndPipelinesOfAnOlderVersionStayWhatTheyAre) {
    {
        auto database = open();
        ASSERT_TRUE(migrate(database).ok());
        ASSERT_TRUE(migrate(database, 3).ok());
        const auto filled = database.script(
            "INSERT INTO projects VALUES ('p', 'git/shop', '/r', 'main', 1, 0);"
            "INSERT INTO pipelines (id, project_id, number, state, branch, trigger_json, errors_json, created_at,"
            " updated_at) VALUES ('l', 'p', 1, 'errored', 'main', '{}', '[]', 0, 0);"
            "INSERT INTO configs (pipeline_id, source, plan_json) VALUES ('l', 'x', '{}');"
            "INSERT INTO workflows (id, pipeline_id, project_id, workspace_id, name, status, started_by, canceled_by,"
            " created_at, version) VALUES ('w', 'l', 'p', 'w', 'main', 'on_hold', '', '', 0, 1);"
            "INSERT INTO jobs (id, workflow_id, place, project_id, branch, name, type, number, spec, requires_json,"
            " status, reason, approved_by, canceled_by, created_at)"
            " VALUES ('j', 'w', 0, 'p', 'main', 'hold', 'approval', 0, -1, '[]', 'on_hold', '', '', '', 0)");
        ASSERT_TRUE(filled.ok()) << filled.error().message;
    }
    const auto stores = open_sqlite(file_).value();
    EXPECT_EQ(stores->workflow_store().load({"w"})->jobs.at(0).type, JobType::approval);
    EXPECT_TRUE(stores->workflow_store().load({"w"})->jobs.at(0).required_ends.empty());
    EXPECT_EQ(stores->workflow_store().load_pipeline({"l"})->state, PipelineState::errored);
}

TEST_F(MigrationsTest, ADatabaseOfANewerVersionIsRefusedAndLeftAlone) {
    {
        auto database = open();
        ASSERT_TRUE(migrate(database).ok());
        ASSERT_TRUE(database.run("INSERT INTO schema_migrations VALUES (9999, 'from_the_future', 0)").ok());
    }
    const auto opened = open_sqlite(file_);
    expect_fault(opened, Fault::invalid);
    EXPECT_NE(opened.error().message.find("newer version"), std::string::npos) << opened.error().message;
    EXPECT_NE(opened.error().message.find("9999"), std::string::npos) << opened.error().message;
}

TEST_F(MigrationsTest, AForeignDatabaseWithATableOfOursIsLeftAsItWas) {
    auto database = open();
    ASSERT_TRUE(database.script("CREATE TABLE events (theirs TEXT)").ok());
    EXPECT_FALSE(migrate(database).ok());
    EXPECT_EQ(tables(database), "events ");
}

}  // namespace
}  // namespace gyre::sqlite
