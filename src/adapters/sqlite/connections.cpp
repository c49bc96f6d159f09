#include "adapters/sqlite/connections.h"

#include <utility>

namespace gyre::sqlite {
namespace {

// Reads are short; more connections than this would only take memory for page caches.
constexpr int most_readers = 4;

Result<sql::SchemaStep> go_to(Database& database, std::optional<int> step) {
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(database, Transaction::Kind::immediate));
    GYRE_TRY_ASSIGN(const auto done, sql::migrate(database, step));
    GYRE_TRY(transaction.commit());
    return done;
}

}  // namespace

Result<std::unique_ptr<Connections>> Connections::open(const std::filesystem::path& path) {
    GYRE_TRY_ASSIGN(Database writer, Database::open(path, Database::Access::write));
    GYRE_TRY(go_to(writer, std::nullopt));
    return std::unique_ptr<Connections>(new Connections(std::move(writer)));
}

Result<sql::SchemaStep> Connections::migrate(const std::filesystem::path& path, std::optional<int> step) {
    GYRE_TRY_ASSIGN(Database writer, Database::open(path, Database::Access::write));
    return go_to(writer, step);
}
    GYRE_TRY(database->trust_log());

Result<void> Connections::in_write(const Body& body, Durable durable) {
    auto database = writer_.lock();
    GYRE_TRY(database->sync_commits(durable == Durable::now));
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(*database, Transaction::Kind::immediate));
    GYRE_TRY(body(*database));
    return transaction.commit();
}

Result<void> Connections::in_read(const Body& body) {
    GYRE_TRY_ASSIGN(const Lease lease, borrow());
    GYRE_TRY_ASSIGN(auto transaction, Transaction::begin(lease.database(), Transaction::Kind::deferred));
    return body(lease.database());
}

Result<Connections::Lease> Connections::borrow() {
    {
        auto readers = readers_.lock();
        returned_.wait(readers.raw_lock(), [&] { return !readers->idle.empty() || readers->opened < most_readers; });
        if (!readers->idle.empty()) {
            auto database = std::move(readers->idle.back());
            readers->idle.pop_back();
            return Lease(*this, std::move(database));
        }
        ++readers->opened;
    }
    return open_reader();
}

Result<Connections::Lease> Connections::open_reader() {
    auto database = Database::open(path_, Database::Access::read);
    if (!database) {
        --readers_.lock()->opened;
        returned_.notify_one();
        return database.error();
    }
    return Lease(*this, std::make_unique<Database>(std::move(database).value()));
}

void Connections::give_back(std::unique_ptr<Database> database) {
    readers_.lock()->idle.push_back(std::move(database));
    returned_.notify_one();
}

}  // namespace gyre::sqlite
