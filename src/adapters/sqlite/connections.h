#pragma once

// The connections to one database file: one that writes, and a few that read and never wait for it (WAL). Thread-safe.

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "adapters/sql/connections.h"
#include "adapters/sql/migrations.h"
#include "adapters/sql/pool.h"
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
    static Result<sql::SchemaStep> migrate(const std::filesystem::path& path, std::optional<int> step,
                                           sql::MayLose may_lose = sql::MayLose::nothing);

protected:
    // What may become durable with the next write is in the log before it (WAL), and reaches the disk no later.
    Result<void> in_write(const Body& body, Durable durable) override;
    Result<void> in_read(const Body& body) override;

private:
    explicit Connections(Database writer) : path_(writer.name()), writer_(std::move(writer)) {}

    std::filesystem::path path_;
    Guarded<Database> writer_;
    // Reads are short; more connections than this would only take memory for page caches.
    sql::Pool<Database> readers_{4, "all connections that read are busy"};
};

}  // namespace gyre::sqlite
