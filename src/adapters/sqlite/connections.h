#pragma once

// The connections to one database file: one that writes, and a few that read and never wait for it (WAL). Thread-safe.
// Nothing is answered before it is durable, unless the caller says that it may wait: write() returns after the commit.

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/sqlite/database.h"
#include "base/guarded.h"
#include "base/result.h"
#include "ports/durable.h"

namespace gyre::sqlite {

class Connections {
public:
    static Result<std::unique_ptr<Connections>> open(const std::filesystem::path& path);

    // Runs `body(Database&)`, which answers a Result, in one transaction: committed if the result is a value, rolled
    // back if it is an error. What may become durable with the next write is in the log before it (WAL), and reaches
    // the disk no later.
    template <typename Body>
    auto write(Body body, Durable durable = Durable::now) -> decltype(body(std::declval<Database&>())) {
        auto database = writer_.lock();
        GYRE_TRY(database->sync_commits(durable == Durable::now));
        GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(*database, Transaction::Kind::immediate));
        auto result = body(*database);
        if (result) GYRE_TRY(transaction.commit());
        return result;
    }

    // Runs `body(Database&)` on one snapshot of the database.
    template <typename Body>
    auto read(Body body) -> decltype(body(std::declval<Database&>())) {
        GYRE_TRY_ASSIGN(const Lease lease, borrow());
        GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(lease.database(), Transaction::Kind::deferred));
        return body(lease.database());
    }

private:
    // A reader that goes back to the others at the end.
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

    struct Readers {
        std::vector<std::unique_ptr<Database>> idle;
        int opened = 0;
    };

    explicit Connections(Database writer) : path_(writer.path()), writer_(std::move(writer)) {}
    Result<Lease> borrow();
    Result<Lease> open_reader();
    void give_back(std::unique_ptr<Database> database);

    std::filesystem::path path_;
    Guarded<Database> writer_;
    Guarded<Readers> readers_;
    std::condition_variable returned_;
};

}  // namespace gyre::sqlite
