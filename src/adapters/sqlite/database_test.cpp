#include "adapters/sqlite/database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "adapters/sqlite/connections.h"
#include "model/status.h"
#include "ports/contract/examples.h"
#include "ports/contract/full_disk.h"
#include "ports/contract/temp_folder.h"
#include "ports/contract/threads.h"

namespace gyre::sqlite {
namespace {

using contract::expect_fault;

class DatabaseTest : public testing::Test {
protected:
    std::filesystem::path file() const { return folder_.path() / "test.db"; }
    Database open(Database::Access access = Database::Access::write) { return Database::open(file(), access).value(); }

    contract::TempFolder folder_;
};

TEST_F(DatabaseTest, ValuesComeBackAsTheyWere) {
    auto database = open();
    EXPECT_TRUE(database.script("CREATE TABLE t (a, b, c, d, e, f, g, h)").ok());
    const std::string text("with NUL \0 and ünïcode", 24);
    const std::optional<int> none;
    EXPECT_EQ(*database.run("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", text, std::int64_t{1} << 40, true, 0.5,
                            JobId{"job"}, from_millis(1234), JobStatus::timedout, none),
              1);
    std::string a;
    std::int64_t b = 0;
    bool c = false;
    double d = 0;
    JobId e;
    Timestamp f{};
    auto g = JobStatus::blocked;
    std::optional<int> h = 7;
    EXPECT_TRUE(
        database.each("SELECT * FROM t", [&](const sql::Row& row) { return row.into(a, b, c, d, e, f, g, h); }).ok());
    EXPECT_EQ(a, text);
    EXPECT_EQ(b, std::int64_t{1} << 40);
    EXPECT_TRUE(c);
    EXPECT_EQ(d, 0.5);
    EXPECT_EQ(e.text, "job");
    EXPECT_EQ(f, from_millis(1234));
    EXPECT_EQ(g, JobStatus::timedout);
    EXPECT_FALSE(h);
}

TEST_F(DatabaseTest, AStatusIsStoredByItsName) {
    auto database = open();
    EXPECT_EQ(*database.value<std::string>("SELECT ?", JobStatus::infrastructure_fail).value(), "infrastructure_fail");
}

TEST_F(DatabaseTest, AValueThatShouldNotBeThereIsCorruptAndNamed) {
    auto database = open();
    const auto status = database.value<JobStatus>("SELECT 'sleeping' AS status");
    expect_fault(status, Fault::corrupt);
    EXPECT_NE(status.error().message.find("status"), std::string::npos) << status.error().message;
    EXPECT_NE(status.error().message.find("test.db"), std::string::npos) << status.error().message;
    expect_fault(database.value<int>("SELECT 99999999999"), Fault::corrupt);
    std::vector<int> numbers;
    expect_fault(
        database.each("SELECT '[1, oops'", [&](const sql::Row& row) { return row.into(sql::as_json(numbers)); }),
        Fault::corrupt);
}

TEST_F(DatabaseTest, ConstraintsHaveTheirOwnFaults) {
    auto database = open();
    EXPECT_TRUE(database
                    .script("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c INTEGER CHECK (c > 0),"
                            " d INTEGER REFERENCES t (a))")
                    .ok());
    EXPECT_TRUE(database.run("INSERT INTO t VALUES (1, 'x', 1, 1)").ok());
    expect_fault(database.run("INSERT INTO t VALUES (1, 'y', 1, 1)"), Fault::conflict);
    expect_fault(database.run("INSERT INTO t VALUES (2, 'x', 1, 1)"), Fault::conflict);
    expect_fault(database.run("INSERT INTO t VALUES (2, 'y', 0, 1)"), Fault::invalid);
    expect_fault(database.run("INSERT INTO t VALUES (2, 'y', 1, 9)"), Fault::invalid);
    expect_fault(database.run("INSERT INTO missing VALUES (1)"), Fault::corrupt);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
    EXPECT_TRUE(open().script("CREATE TABLE t (a)").ok());
    auto reader = open(Database::Access::read);
    EXPECT_FALSE(reader.run("INSERT INTO t VALUES (1)").ok());
}

TEST_F(DatabaseTest, AnUnfinishedTransactionLeavesNothing) {
    auto database = open();
    EXPECT_TRUE(database.script("CREATE TABLE t (a)").ok());
    {
        auto transaction = Transaction::begin(database, Transaction::Kind::immediate).value();
        EXPECT_TRUE(database.run("INSERT INTO t VALUES (1)").ok());
    }
    EXPECT_EQ(**database.value<int>("SELECT COUNT(*) FROM t"), 0);
}

TEST_F(DatabaseTest, TheFileIsItsOwnersOnly) {
    open();
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(file()).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(DatabaseTest, WhatIsNoDatabaseIsCorrupt) {
    std::ofstream(file()) << std::string(8192, 'x');
    const auto opened = Connections::open(file());
    expect_fault(opened, Fault::corrupt);
    EXPECT_NE(opened.error().message.find("test.db"), std::string::npos);
}

TEST_F(DatabaseTest, AMissingFolderIsNamed) {
    const auto opened = Connections::open(folder_.path() / "missing" / "test.db");
    expect_fault(opened, Fault::unavailable);
    EXPECT_NE(opened.error().message.find("missing/test.db"), std::string::npos);
}

TEST_F(DatabaseTest, AFullDiskIsUnavailableAndNamesTheFileAndNothingIsStored) {
    const auto connections = Connections::open(file()).value();
    const auto write = [&](const std::string& text) {
        return connections->write([&](sql::Database& database) -> Result<void> {
            GYRE_TRY(database.run("INSERT INTO tokens VALUES (?, '', '', 0)", text));
            return {};
        });
    };
    EXPECT_TRUE(write("before").ok());
    {
        const contract::FullDisk full(std::filesystem::file_size(file().string() + "-wal"));
        const auto refused = write(std::string(10'000, 'x'));
        expect_fault(refused, Fault::unavailable);
        EXPECT_NE(refused.error().message.find("test.db"), std::string::npos) << refused.error().message;
    }
    EXPECT_TRUE(write("after").ok());
    const auto count =
        connections->read([](sql::Database& database) { return database.value<int>("SELECT COUNT(*) FROM tokens"); });
    EXPECT_EQ(**count, 2);
}

TEST_F(DatabaseTest, ReadersGoOnWhileSomebodyWrites) {
    const auto connections = Connections::open(file()).value();
    const auto count = [](sql::Database& database) { return database.value<int>("SELECT COUNT(*) FROM tokens"); };
    const auto written = connections->write([&](sql::Database& database) -> Result<void> {
        GYRE_TRY(database.run("INSERT INTO tokens VALUES ('x', '', '', 0)"));
        EXPECT_EQ(**connections->read(count), 0) << "not committed yet";
        return {};
    });
    EXPECT_TRUE(written.ok());
    EXPECT_EQ(**connections->read(count), 1);
}

TEST_F(DatabaseTest, MoreReadersThanConnectionsTakeTurns) {
    const auto connections = Connections::open(file()).value();
    std::atomic<int> read = 0;
    contract::in_threads(16, [&](int) {
        for (int call = 0; call < 20; ++call) {
            read +=
                connections->read([](sql::Database& database) { return database.value<int>("SELECT 1"); }).ok() ? 1 : 0;
        }
    });
    EXPECT_EQ(read, 320);
}

}  // namespace
}  // namespace gyre::sqlite
