#pragma once

// A few connections to one database of PostgreSQL, lent to whoever has a transaction to make. Thread-safe.
//
// Transactions are REPEATABLE READ: each sees one snapshot, and one that would overwrite what another wrote meanwhile
// is made again from its beginning, as is one that PostgreSQL ended to solve a deadlock. What two must not both do to
// rows that neither of them changes is the business of unique indexes and of version checks. When the database is away,
// a transaction waits for it and is made on a new connection; only one whose COMMIT got no answer is `unavailable`,
// because it may have happened.

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/postgres/database.h"
#include "adapters/sql/connections.h"
#include "adapters/sql/migrations.h"
#include "adapters/sql/pool.h"

namespace gyre::postgres {

struct PoolSettings {
    int most = 10;                            // connections
    std::string server;                       // this one's name among those that share the database; empty: it is alone
    std::chrono::milliseconds outage{5'000};  // so long a transaction waits for a database that is away
    Patience patience;
};

class Connections final : public sql::Connections {
public:
    // Brings the schema up to date, under a lock that other servers respect.
    static Result<std::unique_ptr<Connections>> open(const Target& target, const PoolSettings& settings = {});
    // Goes to a step of the schema, and nothing else. Back only while no server runs (bell.h): `conflict`.
    static Result<sql::SchemaStep> migrate(const Target& target, std::optional<int> step,
                                           sql::MayLose may_lose = sql::MayLose::nothing);

protected:
    Result<void> in_write(const Body& body, Durable durable) override;
    Result<void> in_read(const Body& body) override;
    Result<void> in_glance(const Body& body) override;

private:
    struct Kind {
        std::span<const std::string_view> begin;
        bool writes = false;
        Patience patience = {};
    };
    struct Tried {
        Result<void> done;
        Remedy remedy = Remedy::none;
        bool connected = false;
    };
    using Instant = std::chrono::steady_clock::time_point;

    Connections(Target target, const PoolSettings& settings);
    Result<void> transact(const Kind& kind, const Body& body, std::chrono::milliseconds outage);
    Tried try_once(const Kind& kind, const Body& body, Instant until);

    Target target_;
    PoolSettings settings_;
    sql::Pool<Database> pool_;
};

}  // namespace gyre::postgres
