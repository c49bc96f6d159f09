#include "adapters/postgres/database.h"

#include <atomic>

#include "adapters/postgres/test_world.h"
#include "adapters/sql/test_orbs.h"
#include "model/status.h"
#include "ports/contract/examples.h"
#include "ports/contract/threads.h"

namespace gyre::postgres {
namespace {

using contract::expect_fault;

// The tests of this program need a server of their own.
class NeedsPostgres final : public testing::Environment {
    void SetUp() override {
        if (!contract::PostgresServer::present()) GTEST_SKIP() << "needs initdb: install the package postgresql";
    }
};
const auto* const environment = testing::AddGlobalTestEnvironment(new NeedsPostgres);

class DatabaseTest : public testing::Test {
protected:
    Target target() const { return {url_, "the test's database"}; }
    std::unique_ptr<Database> open(const Patience& patience = {}) { return Database::open(target(), patience).value(); }

    std::string url_ = test_server().new_database();
};

TEST_F(DatabaseTest, ValuesComeBackAsTheyWere) {
    auto database = open();
    EXPECT_TRUE(database
                    ->script("CREATE TABLE t (a TEXT, b BIGINT, c INTEGER, d DOUBLE PRECISION, e TEXT, f BIGINT,"
                             " g TEXT, h INTEGER, i BOOLEAN)")
                    .ok());
    const std::string text("with NUL \0 and ünïcode, and \xff\xfe", 32);
    const std::optional<int> none;
    EXPECT_EQ(*database->run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1 > 0)", text, std::int64_t{1} << 40, true,
                             0.1, JobId{"job"}, from_millis(1234), JobStatus::timedout, none),
              1);
    std::string a;
    std::int64_t b = 0;
    bool c = false;
    double d = 0;
    JobId e;
    Timestamp f{};
    auto g = JobStatus::blocked;
    std::optional<int> h = 7;
    bool i = false;
    EXPECT_TRUE(
        database->each("SELECT * FROM t", [&](const sql::Row& row) { return row.into(a, b, c, d, e, f, g, h, i); })
            .ok());
    EXPECT_EQ(a, text);
    EXPECT_EQ(b, std::int64_t{1} << 40);
    EXPECT_TRUE(c);
    EXPECT_EQ(d, 0.1);
    EXPECT_EQ(e.text, "job");
    EXPECT_EQ(f, from_millis(1234));
    EXPECT_EQ(g, JobStatus::timedout);
    EXPECT_FALSE(h);
    EXPECT_TRUE(i);
    EXPECT_EQ(*database->run("DELETE FROM t WHERE a = ?", text), 1) << "found by what it was stored as";
}

TEST_F(DatabaseTest, AValueThatShouldNotBeThereIsCorruptAndNamed) {
    auto database = open();
    const auto status = database->value<JobStatus>("SELECT 'sleeping' AS status");
    expect_fault(status, Fault::corrupt);
    EXPECT_NE(status.error().message.find("status"), std::string::npos) << status.error().message;
    EXPECT_NE(status.error().message.find("the test's database"), std::string::npos) << status.error().message;
    expect_fault(database->value<int>("SELECT 99999999999"), Fault::corrupt);
    expect_fault(database->value<int>("SELECT 'seven'"), Fault::corrupt);
}

TEST_F(DatabaseTest, ConstraintsHaveTheirOwnFaultsAndShowNoValues) {
    auto database = open();
    EXPECT_TRUE(database
                    ->script("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c INTEGER CHECK (c > 0),"
                             " d INTEGER REFERENCES t (a))")
                    .ok());
    EXPECT_TRUE(database->run("INSERT INTO t VALUES (1, 'hunter2', 1, 1)").ok());
    const auto conflict = database->run("INSERT INTO t VALUES (2, 'hunter2', 1, 1)");
    expect_fault(conflict, Fault::conflict);
    EXPECT_EQ(conflict.error().message.find("hunter2"), std::string::npos) << conflict.error().message;
    expect_fault(database->run("INSERT INTO t VALUES (2, 'y', 0, 1)"), Fault::invalid);
    expect_fault(database->run("INSERT INTO t VALUES (2, 'y', 1, 9)"), Fault::invalid);
    expect_fault(database->run("INSERT INTO t VALUES (?, 'y', 1, 1)", std::int64_t{1} << 40), Fault::invalid);
    expect_fault(database->run("INSERT INTO missing VALUES (1)"), Fault::corrupt);
    EXPECT_TRUE(database->run("INSERT INTO t VALUES (2, 'y', 1, 1)").ok()) << "the connection is still of use";
}

TEST_F(DatabaseTest, WhatTakesTooLongIsCanceled) {
    auto database = open({.statement = std::chrono::seconds{1}});
    expect_fault(database->value<std::string>("SELECT pg_sleep(600)::text"), Fault::unavailable);
    EXPECT_TRUE(database->connected());
    EXPECT_TRUE(database->value<int>("SELECT 1").ok());
}

TEST_F(DatabaseTest, ACommitAfterAFailureIsNone) {
    auto database = open();
    EXPECT_TRUE(database->script("BEGIN").ok());
    EXPECT_FALSE(database->run("INSERT INTO missing VALUES (1)").ok());
    expect_fault(database->commit(), Fault::unavailable);
}

TEST_F(DatabaseTest, ItTakesTheEncodingOfUtf8Only) {
    test_server().run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    const auto opened = Database::open({test_server().url("latin"), "latin"});
    expect_fault(opened, Fault::invalid);
    EXPECT_NE(opened.error().message.find("UTF8"), std::string::npos);
}

TEST_F(DatabaseTest, WhatIsNotThereIsUnavailableAndNamed) {
    for (const auto& url :
         {test_server().url("nobody_made_it"), std::string("postgres://gyre:hunter2@/x?host=/nowhere"),
          std::string("postgres://gyre:hunter2@127.0.0.1:1/x")}) {
        const auto opened = Connections::open({url, "the database there"});
        expect_fault(opened, Fault::unavailable);
        EXPECT_TRUE(opened.error().message.starts_with("the database there: ")) << opened.error().message;
        EXPECT_EQ(opened.error().message.find("hunter2"), std::string::npos) << opened.error().message;
    }
}

TEST_F(DatabaseTest, DurabilityIsNotGivenUpByAServersSettings) {
    test_server().run("ALTER ROLE gyre SET synchronous_commit = off");
    EXPECT_EQ(**open()->value<std::string>("SHOW synchronous_commit"), "on");
    test_server().run("ALTER ROLE gyre RESET synchronous_commit");
}

class MigrationsTest : public DatabaseTest {
protected:
    Result<sql::SchemaStep> migrate(std::optional<int> step = std::nullopt) {
        return Connections::migrate(target(), step);
    }
    // Each column with its type and each index, as one text.
    std::string schema() {
        std::string all;
        const auto add = [&](const sql::Row& row) -> Result<void> {
            std::string line;
            GYRE_TRY(row.into(line));
            all += line + "\n";
            return {};
        };
        EXPECT_TRUE(
            open()
                ->each("SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '"
                       " || COALESCE(collation_name, '') FROM information_schema.columns"
                       " WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM pg_indexes"
                       " WHERE schemaname = 'public' ORDER BY 1",
                       add)
                .ok());
        return all;
    }
};

TEST_F(MigrationsTest, GoUpFromNothingAndDownToNothing) {
    ASSERT_TRUE(migrate().ok());
    const auto whole = schema();
    EXPECT_NE(whole.find("workflows.id text NO C"), std::string::npos) << whole;
    const auto down = migrate(0);
    ASSERT_TRUE(down.ok()) << down.error().message;
    EXPECT_EQ(schema().find("workflows"), std::string::npos);
}

TEST_F(MigrationsTest, EachGoesBackAndForwardAgain) {
    ASSERT_TRUE(migrate().ok());
    const auto tables = [&] {
        return **open()->value<std::string>(
            "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace");
    };
    const auto whole = tables();
    for (const auto& migration : sql::migrations()) {
        ASSERT_TRUE(migrate(migration.number - 1).ok()) << migration.title;
        const auto forward = migrate();
        ASSERT_TRUE(forward.ok()) << migration.title << ": " << forward.error().message;
        EXPECT_EQ(tables(), whole) << migration.title;
    }
}

TEST_F(MigrationsTest, OrbsOfAnOlderVersionStandInTheirOrder) {
    ASSERT_TRUE(migrate().ok());
    ASSERT_TRUE(migrate(9).ok());
    ASSERT_TRUE(open()->script(sql::orbs_before_places).ok());
    const auto stores = open_postgres(target()).value();
    sql::expect_orbs_in_order(stores->orb_store());
}

TEST_F(MigrationsTest, ManyServersAtOnceApplyEachOnce) {
    std::atomic<int> opened = 0;
    contract::in_threads(6, [&](int) { opened += Connections::open(target()).ok() ? 1 : 0; });
    EXPECT_EQ(opened, 6);
    EXPECT_EQ(**open()->value<int>("SELECT COUNT(*) FROM schema_migrations"), std::ssize(sql::migrations()));
}

TEST_F(MigrationsTest, ADatabaseOfANewerVersionIsRefusedAndLeftAlone) {
    ASSERT_TRUE(migrate().ok());
    ASSERT_TRUE(open()->run("INSERT INTO schema_migrations VALUES (9999, 'from_the_future', 0)").ok());
    const auto opened = Connections::open(target());
    expect_fault(opened, Fault::invalid);
    EXPECT_NE(opened.error().message.find("newer version"), std::string::npos) << opened.error().message;
}

TEST_F(MigrationsTest, ADatabaseInWhichSomethingOfOursIsSomebodyElsesIsLeftAsItWas) {
    ASSERT_TRUE(open()->script("CREATE TABLE events (theirs TEXT)").ok());
    const auto before = schema();
    EXPECT_FALSE(migrate().ok());
    EXPECT_EQ(schema(), before);
}

}  // namespace
}  // namespace gyre::postgres
