// What the disk of a database refuses to sync: nothing is acknowledged, and nothing more is written behind the gap that
// is left in the log.

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "adapters/sqlite/connections.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace {
std::atomic<bool> syncs_fail = false;

int sync_by(long call, int fd) {
    if (!syncs_fail) return static_cast<int>(::syscall(call, fd));
    errno = EIO;
    return -1;
}
}  // namespace

// SQLite calls these instead of libc's.
extern "C" int fsync(int fd) { return sync_by(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return sync_by(SYS_fdatasync, fd); }

namespace gyre::sqlite {
namespace {

using contract::expect_fault;

class SqliteSync : public testing::Test {
protected:
    void SetUp() override {
        connections_ = Connections::open(folder_.path() / "gyre.db").value();
        ASSERT_TRUE(
            connections_->write([](auto& database) { return database.run("CREATE TABLE t (v INTEGER)"); }).ok());
    }
    void TearDown() override { syncs_fail = false; }

    Result<std::int64_t> add(int value, Durable durable = Durable::now) {
        return connections_->write([&](auto& database) { return database.run("INSERT INTO t VALUES (?)", value); },
                                   durable);
    }
    std::string stored() {
        const auto all = connections_->read(
            [](auto& database) { return database.template value<std::string>("SELECT group_concat(v, ' ') FROM t"); });
        return all ? all->value_or("") : all.error().message;
    }
    std::uintmax_t log_size() const { return std::filesystem::file_size(folder_.path() / "gyre.db-wal"); }

    contract::TempFolder folder_;
    std::unique_ptr<Connections> connections_;
};

TEST_F(SqliteSync, ThatFailsIsNoCommitAndTheNextOneBeginsTheLogAnew) {
    ASSERT_TRUE(add(1).ok());
    ASSERT_TRUE(add(2, Durable::with_the_next).ok());
    const auto before = log_size();
    syncs_fail = true;
    expect_fault(add(3), Fault::unavailable);
    expect_fault(add(4), Fault::unavailable);
    EXPECT_EQ(stored(), "1 2");
    syncs_fail = false;
    ASSERT_TRUE(add(5).ok());
    EXPECT_LT(log_size(), before) << "2 stands in the log, where no sync can bring it to the disk any more";
    EXPECT_EQ(stored(), "1 2 5");
}

TEST_F(SqliteSync, ThatFailsWhileTheLogIsMovedIsHeededByTheNextCommit) {
    const auto fill = [&](int values) {
        return connections_->write(
            [&](auto& database) {
                return database.run(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                    " INSERT INTO t SELECT i FROM n",
                    values);
            },
            Durable::with_the_next);
    };
    syncs_fail = true;
    ASSERT_TRUE(fill(1'000'000).ok()) << "it need not be synced, and what comes after it is none of its";
    const auto before = log_size();
    expect_fault(add(1), Fault::unavailable);
    syncs_fail = false;
    ASSERT_TRUE(add(2).ok());
    EXPECT_LT(log_size(), before);
}

TEST_F(SqliteSync, ThatFailedIsNotForgottenWhileSomebodyReads) {
    syncs_fail = true;
    expect_fault(add(1), Fault::unavailable);
    syncs_fail = false;
    Database reader = Database::open(folder_.path() / "gyre.db", Database::Access::read).value();
    {
        const auto snapshot = Transaction::begin(reader, Transaction::Kind::deferred);
        ASSERT_TRUE(reader.value<int>("SELECT COUNT(*) FROM t").ok());
        expect_fault(add(2), Fault::unavailable);
    }
    EXPECT_TRUE(add(3).ok());
    EXPECT_EQ(stored(), "3");
}

}  // namespace
}  // namespace gyre::sqlite
