#include "adapters/sqlite/connections.h"

#include <utility>

namespace gyre::sqlite {
namespace {

Result<sql::SchemaStep> go_to(Database& database, std::optional<int> step, sql::MayLose may_lose) {
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::immediate));
    GYRE_TRY_ASSIGN(const auto done, sql::migrate(database, step, may_lose));
    GYRE_TRY(transaction.commit());
    return done;
}

}  // namespace

Result<std::unique_ptr<Connections>> Connections::open(const std::filesystem::path& path) {
    GYRE_TRY_ASSIGN(Database writer, Database::open(path, Database::Access::write));
    GYRE_TRY(go_to(writer, std::nullopt, sql::MayLose::nothing));
    return std::unique_ptr<Connections>(new Connections(std::move(writer)));
}

Result<sql::SchemaStep> Connections::migrate(const std::filesystem::path& path, std::optional<int> step,
                                             sql::MayLose may_lose) {
    GYRE_TRY_ASSIGN(Database writer, Database::open(path, Database::Access::write));
    return go_to(writer, step, may_lose);
}

Result<void> Connections::in_write(const Body& body, Durable durable) {
    auto database = writer_.lock();
    GYRE_TRY(database->trust_log());
    GYRE_TRY(database->sync_commits(durable == Durable::now));
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(*database, Transaction::Kind::immediate));
    GYRE_TRY(body(*database));
    return transaction.commit();
}

Result<void> Connections::in_read(const Body& body) {
    const auto open = [this]() -> Result<std::unique_ptr<Database>> {
        GYRE_TRY_ASSIGN(Database reader, Database::open(path_, Database::Access::read));
        return std::make_unique<Database>(std::move(reader));
    };
    GYRE_TRY_ASSIGN(const auto lease, readers_.borrow(open));
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(lease.database(), Transaction::Kind::deferred));
    return body(lease.database());
}

}  // namespace gyre::sqlite
