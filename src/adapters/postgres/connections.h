#pragma once

// A few connections to one database of PostgreSQL, lent to whoever has a transaction to make. Thread-safe.
//
// Transactions are REPEATABLE READ: each sees one snapshot, and one that would overwrite what another wrote meanwhile
// is made again from its beginning, as is one that PostgreSQL ended to solve a deadlock. What two must not both do to
// rows that neither of them changes is the business of unique indexes and of version checks. When the database is away,
// a transaction waits for it and is made on a new connection; only one whose COMMIT got no answer is `unavailable`,
// because it may have happened.

#include <condition_variable>
#include <memory>
#include <vector>

#include "adapters/postgres/database.h"
#include "adapters/sql/connections.h"
#include "adapters/sql/migrations.h"
#include "base/guarded.h"

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
    static Result<sql::SchemaStep> migrate(const Target& target, std::optional<int> step);

protected:
    Result<void> in_write(const Body& body, Durable durable) override;
    Result<void> in_read(const Body& body) override;

private:
    // A connection that goes back to the others at the end, if it still is of use.
    class Lease {
    public:
        Lease(Connections& home, std::unique_ptr<Database> database) : home_(&home), database_(std::move(database)) {}
        Lease(Lease&&) = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (database_) home_->give_back(std::move(database_));
        }
        Database& database() const { return *database_; }

    private:
        Connections* home_;
        std::unique_ptr<Database> database_;
    };
    struct Pool {
        std::vector<std::unique_ptr<Database>> idle;
        int opened = 0;
    };
    struct Kind {
        std::span<const std::string_view> begin;
        bool writes = false;
    };
    struct Tried {
        Result<void> done;
        Remedy remedy = Remedy::none;
        bool connected = false;
    };
    using Instant = std::chrono::steady_clock::time_point;

    Connections(Target target, const PoolSettings& settings) : target_(std::move(target)), settings_(settings) {}
    Result<Lease> borrow(Instant until);
    Result<Lease> open_another();
    void give_back(std::unique_ptr<Database> database);
    Result<void> transact(const Kind& kind, const Body& body);
    Tried try_once(const Kind& kind, const Body& body, Instant until);

    Target target_;
    PoolSettings settings_;
    Guarded<Pool> pool_;
    std::condition_variable returned_;
};

}  // namespace gyre::postgres
