#include "adapters/postgres/connections.h"

#include <algorithm>
#include <array>
#include <random>
#include <thread>
#include <utility>

#include "adapters/postgres/bell.h"

namespace gyre::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_tries = 30;  // of a transaction that others get in the way of
constexpr std::chrono::milliseconds longest_pause{500};
// Also where the network swallows what is sent: a new connection may take as long as libpq's shortest wait.
constexpr std::chrono::milliseconds outage_of_a_glance{500};
constexpr std::chrono::seconds connect_of_a_glance{2};
constexpr std::chrono::seconds answer_of_a_glance{1};

constexpr std::array<std::string_view, 1> begin_write{"BEGIN ISOLATION LEVEL REPEATABLE READ"};
constexpr std::array<std::string_view, 2> begin_not_durable_yet{"BEGIN ISOLATION LEVEL REPEATABLE READ",
                                                                "SET LOCAL synchronous_commit = off"};
constexpr std::array<std::string_view, 1> begin_read{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
// Waits for whoever migrates; the number is that of no other lock.
constexpr const char* begin_migration = "BEGIN; SELECT pg_advisory_xact_lock(8251910455401)";
// Of a migration: the tables may be large.
constexpr Patience long_patience{
    .statement = std::chrono::hours{24}, .lock = std::chrono::minutes{10}, .answer = std::chrono::hours{25}};

// What was sent and not waited for may fail now: then it is over just the same.
void roll_back(Database& database) {
    if (database.connected() && !database.script("ROLLBACK") && database.connected()) (void)database.script("ROLLBACK");
}

bool usable(const Database& database) {
    return database.connected() && PQtransactionStatus(database.handle()) == PQTRANS_IDLE;
}

// Longer from try to try, and never the same for two.
void pause(int tries) {
    thread_local std::minstd_rand random{std::random_device{}()};
    const auto most = std::min<std::int64_t>(longest_pause.count(), std::int64_t{1} << std::min(tries, 10));
    std::this_thread::sleep_for(
        std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>(0, most)(random)});
}

}  // namespace

Connections::Connections(Target target, const PoolSettings& settings)
    : target_(std::move(target)),
      settings_(settings),
      pool_(settings.most,
            target_.name + ": all " + std::to_string(settings.most) +
                " connections are busy; raise the setting database_connections",
            usable) {}

Result<sql::SchemaStep> Connections::migrate(const Target& target, std::optional<int> step, sql::MayLose may_lose) {
    GYRE_TRY_ASSIGN(const auto database, Database::open(target, long_patience));
    GYRE_TRY(database->script(begin_migration));
    bool nobody_listens = false;
    if (step) {
        GYRE_TRY_ASSIGN(nobody_listens, Bell::nobody_listens(*database));
    }
    GYRE_TRY_ASSIGN(const auto done, sql::migrate(*database, step, may_lose));
    if (done.after < done.before && !nobody_listens)
        return conflict(target.name + " is used by servers: stop all of them before its schema goes back");
    GYRE_TRY(database->commit());
    return done;
}

Result<std::unique_ptr<Connections>> Connections::open(const Target& target, const PoolSettings& settings) {
    GYRE_TRY(migrate(target, std::nullopt));
    return std::unique_ptr<Connections>(new Connections(target, settings));
}

// We may outlive a crash of the database, and what is written then builds on what was written before.
Result<void> Connections::in_write(const Body& body, Durable durable) {
    Kind kind{.begin = begin_write, .writes = true, .patience = settings_.patience};
    if (durable == Durable::some_day) kind.begin = begin_not_durable_yet;
    return transact(kind, body, settings_.outage);
}

Result<void> Connections::in_read(const Body& body) {
    return transact({.begin = begin_read, .patience = settings_.patience}, body, settings_.outage);
}

Result<void> Connections::in_glance(const Body& body) {
    Kind kind{.begin = begin_read, .patience = settings_.patience};
    kind.patience.connect = std::min(kind.patience.connect, connect_of_a_glance);
    kind.patience.answer = std::min(kind.patience.answer, answer_of_a_glance);
    return transact(kind, body, std::min(settings_.outage, outage_of_a_glance));
}

Result<void> Connections::transact(const Kind& kind, const Body& body, std::chrono::milliseconds outage) {
    const auto until = Clock::now() + outage;
    int tries = 0;
    int outages = 0;
    for (;;) {
        const auto tried = try_once(kind, body, until);
        const bool over = tried.remedy == Remedy::again ? ++tries >= most_tries : Clock::now() >= until;
        if (tried.done || tried.remedy == Remedy::none || over) return tried.done;
        if (tried.remedy == Remedy::again) pause(tries);
        if (!tried.connected) pause(5 + ++outages);
    }
}

Connections::Tried Connections::try_once(const Kind& kind, const Body& body, Instant until) {
    const auto lease = pool_.borrow([&] { return Database::open(target_, kind.patience); }, until);
    if (!lease) {
        const bool away = lease.error().fault == Fault::unavailable;
        return {lease.error(), away ? Remedy::reconnect : Remedy::none, false};
    }
    auto& database = lease->database();
    database.wait_at_most(kind.patience.answer);
    auto done = database.begin(kind.begin);
    if (done) done = body(database);
    const auto remedy = database.take_remedy();
    if (!done) {
        roll_back(database);
        return {std::move(done), remedy, true};
    }
    done = database.commit();
    const auto last_remedy = database.take_remedy();
    const bool may_have_happened = kind.writes && !database.connected();
    if (!done) roll_back(database);
    return {std::move(done), may_have_happened ? Remedy::none : last_remedy, true};
}

}  // namespace gyre::postgres
