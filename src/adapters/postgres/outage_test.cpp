// The database goes away while it is used, and two get in each other's way.

#include <atomic>
#include <thread>

#include "adapters/postgres/test_world.h"
#include "ports/contract/crash.h"
#include "ports/contract/examples.h"
#include "ports/contract/threads.h"

namespace gyre::contract {
namespace {

using postgres::Connections;
using postgres::PostgresWorld;
using postgres::test_server;

class PostgresOutage : public StoresContract<PostgresWorld> {
protected:
    std::unique_ptr<Connections> connect(std::chrono::milliseconds outage = std::chrono::seconds{20}) {
        return Connections::open(world_.target, {.most = 4, .outage = outage}).value();
    }
};

Result<std::int64_t> count_tokens(sql::Database& database) {
    GYRE_TRY_ASSIGN(const auto count, database.value<std::int64_t>("SELECT COUNT(*) FROM tokens"));
    return count.value_or(0);
}
Result<std::int64_t> add_token(sql::Database& database, const std::string& token) {
    return database.run("INSERT INTO tokens VALUES (?, '', '', 0)", token);
}

TEST_F(PostgresOutage, AfterARestartConnectionsAreMadeAgain) {
    const auto connections = connect();
    const auto add = [&](const std::string& token) {
        return connections->write([&](sql::Database& database) { return add_token(database, token); });
    };
    EXPECT_TRUE(add("before").ok());
    test_server().crash();
    test_server().start();
    EXPECT_EQ(*connections->read(count_tokens), 1);
    EXPECT_TRUE(add("after").ok());
    EXPECT_EQ(*connections->read(count_tokens), 2);
}

TEST_F(PostgresOutage, ATransactionWaitsForADatabaseThatIsAway) {
    const auto connections = connect();
    EXPECT_TRUE(connections->read(count_tokens).ok());
    test_server().crash();
    Result<std::int64_t> added = 0;
    std::thread patient(
        [&] { added = connections->write([](sql::Database& database) { return add_token(database, "patient"); }); });
    test_server().start();
    patient.join();
    EXPECT_TRUE(added.ok()) << added.error().message;
    EXPECT_EQ(*connections->read(count_tokens), 1);
}

TEST_F(PostgresOutage, OneThatIsAwayForTooLongIsUnavailable) {
    const auto connections = connect(std::chrono::milliseconds{50});
    test_server().crash();
    expect_fault(connections->read(count_tokens), Fault::unavailable);
    expect_fault(connections->write([](sql::Database& database) { return add_token(database, "x"); }),
                 Fault::unavailable);
    test_server().start();
    EXPECT_TRUE(connections->read(count_tokens).ok());
}

TEST_F(PostgresOutage, AGlanceDoesNotWaitForIt) {
    const auto connections = connect(std::chrono::hours{1});
    EXPECT_EQ(*connections->glance(count_tokens), 0);
    test_server().crash();
    expect_fault(connections->glance(count_tokens), Fault::unavailable);
    test_server().start();
    EXPECT_EQ(*connections->glance(count_tokens), 0);
}

TEST_F(PostgresOutage, AGlanceEndsWhereTheDatabaseTakesConnectionsAndNeverAnswers) {
    constexpr std::chrono::hours patient{1};
    const auto connections =
        Connections::open(
            world_.target,
            {.most = 4, .outage = patient, .patience = {.connect = patient, .statement = patient, .answer = patient}})
            .value();
    EXPECT_EQ(*connections->read(count_tokens), 0);
    test_server().fall_silent();
    expect_fault(connections->glance(count_tokens), Fault::unavailable);  // by a connection that was there
    expect_fault(connections->glance(count_tokens), Fault::unavailable);  // by a new one
    test_server().speak_again();
    EXPECT_EQ(*connections->read(count_tokens), 0);
}

TEST_F(PostgresOutage, WhatATransactionDidBeforeTheOutageIsDoneAgain) {
    const auto connections = connect();
    int calls = 0;
    const auto done = connections->write([&](sql::Database& database) -> Result<void> {
        GYRE_TRY(add_token(database, "once"));
        if (++calls == 1) {
            test_server().crash();
            test_server().start();
        }
        GYRE_TRY(add_token(database, "twice"));
        return {};
    });
    EXPECT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(*connections->read(count_tokens), 2);
}

TEST_F(PostgresOutage, WhoeverReadsAndThenWritesSeesWhatAnotherWroteMeanwhile) {
    const auto connections = connect();
    ASSERT_TRUE(connections->write([](sql::Database& database) { return add_token(database, "t"); }).ok());
    in_threads(4, [&](int) {
        for (int round = 0; round < 10; ++round) {
            const auto done = connections->write([](sql::Database& database) -> Result<void> {
                GYRE_TRY_ASSIGN(const auto now, database.value<std::int64_t>("SELECT created_at FROM tokens"));
                GYRE_TRY(database.run("UPDATE tokens SET created_at = ?", now.value_or(0) + 1));
                return {};
            });
            EXPECT_TRUE(done.ok()) << done.error().message;
        }
    });
    EXPECT_EQ(**connections->read(
                  [](sql::Database& database) { return database.value<int>("SELECT created_at FROM tokens"); }),
              40);
}

TEST_F(PostgresOutage, TwoThatWaitForEachOtherBothEnd) {
    const auto connections = connect();
    ASSERT_TRUE(connections
                    ->write([](sql::Database& database) -> Result<void> {
                        GYRE_TRY(add_token(database, "a"));
                        GYRE_TRY(add_token(database, "b"));
                        return {};
                    })
                    .ok());
    std::atomic<int> have_the_first = 0;
    in_threads(2, [&](int number) {
        bool first_time = true;
        const auto done = connections->write([&](sql::Database& database) -> Result<void> {
            const auto touch = [&](const char* token) {
                return database.run("UPDATE tokens SET created_at = created_at + 1 WHERE sha256 = ?",
                                    std::string(token));
            };
            GYRE_TRY(touch(number == 0 ? "a" : "b"));
            if (std::exchange(first_time, false)) {
                ++have_the_first;
                while (have_the_first < 2) std::this_thread::yield();
            }
            GYRE_TRY(touch(number == 0 ? "b" : "a"));
            return {};
        });
        EXPECT_TRUE(done.ok()) << done.error().message;
    });
    EXPECT_EQ(**connections->read(
                  [](sql::Database& database) { return database.value<int>("SELECT SUM(created_at) FROM tokens"); }),
              4);
}

TEST_F(PostgresOutage, AnErrorOfOursLeavesTheConnectionToTheNext) {
    const auto connections = connect();
    for (int call = 0; call < 10; ++call) {
        const auto refused = connections->write([](sql::Database& database) -> Result<void> {
            GYRE_TRY(add_token(database, "undone"));
            return conflict("no");
        });
        expect_fault(refused, Fault::conflict);
    }
    EXPECT_EQ(*connections->read(count_tokens), 0);
}

TEST_F(PostgresOutage, MoreCallersThanConnectionsTakeTurns) {
    const auto connections = connect();
    std::atomic<int> read = 0;
    in_threads(16, [&](int) {
        for (int call = 0; call < 20; ++call) read += connections->read(count_tokens).ok() ? 1 : 0;
    });
    EXPECT_EQ(read, 320);
}

TEST_F(PostgresOutage, EveryAcknowledgedCommitIsThereAfterAKillOfTheServersProcess) {
    const auto made = make_workflow({"build"});
    world_.owned.reset();  // a connection must not cross a fork
    auto child = std::shared_ptr<sql::Stores>();
    const int acknowledged = acknowledged_until_killed(60, [&](int number) {
        if (!child) child = postgres::open_postgres(world_.target).value();
        const Commit commit{.event = {"change-" + std::to_string(number)},
                            .kind = "test",
                            .at = at(number),
                            .effects = {StopAttempt{attempt_of(made, 0), std::to_string(number)}}};
        return child->workflow_store().commit(commit).ok();
    });
    ASSERT_GE(acknowledged, 60);
    const auto stores = postgres::open_postgres(world_.target).value();
    const auto pending = std::ssize(*stores->outbox().pending(100'000));
    EXPECT_GE(pending, acknowledged);
    EXPECT_LE(pending, acknowledged + 1);
}

}  // namespace
}  // namespace gyre::contract
