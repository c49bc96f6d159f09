#pragma once

// The connections to one database file: one that writes, and a few that read and never wait for it (WAL). Thread-safe.

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "adapters/sql/connections.h"
#include "adapters/sql/migrations.h"
#include "adapters/sqlite/database.h"
#include "base/guarded.h"
#include "base/result.h"
#include "ports/durable.h"

namespace gyre::sqlite {

class Connections final : public sql::Connections {
public:
    // Creates the file, or brings its schema up to date.
    static Result<std::unique_ptr<Connections>> open(const std::filesystem::path& path);
    // Goes to a step of the schema, and nothing else.
    static Result<sql::SchemaStep> migrate(const std::filesystem::path& path, std::optional<int> step);

protected:
    // What may become durable with the next write is in the log before it (WAL), and reaches the disk no later.
    Result<void> in_write(const Body& body, Durable durable) override;
    Result<void> in_read(const Body& body) override;

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

    explicit Connections(Database writer) : path_(writer.name()), writer_(std::move(writer)) {}
    Result<Lease> borrow();
    Result<Lease> open_reader();
    void give_back(std::unique_ptr<Database> database);

    std::filesystem::path path_;
    Guarded<Database> writer_;
    Guarded<Readers> readers_;
    std::condition_variable returned_;
};

}  // namespace gyre::sqlite
