#include "adapters/sql/outbox.h"

#include <algorithm>

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

// PostgreSQL's alone: an item is one server's until it is done, or until that server has been busy with it for long.
const std::string& claim_items() {
    static const std::string sql =
        "UPDATE outbox SET claimed_by = ?, claimed_until = " + std::string(queries::now_of_postgres) +
        " + 30000 WHERE id IN (SELECT id FROM outbox WHERE NOT " + queries::claimed_by_others() +
        " ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING id, effect_json";
    return sql;
}

}  // namespace

Result<std::vector<OutboxItem>> SqlOutbox::claim(int limit) {
    const auto take = [&](Database& database) -> Result<std::vector<OutboxItem>> {
        std::vector<OutboxItem> items;
        const auto read = [&](const Row& row) {
            auto& item = items.emplace_back();
            return row.into(item.id, as_json(item.effect));
        };
        GYRE_TRY(database.each(claim_items(), read, server_, server_, std::max(limit, 0)));
        std::sort(items.begin(), items.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
        return items;
    };
    return connections_.write(take, Durable::some_day);
}

Result<std::vector<OutboxItem>> SqlOutbox::pending(int limit) {
    if (!server_.empty()) return claim(limit);
    return connections_.read([&](Database& database) -> Result<std::vector<OutboxItem>> {
        std::vector<OutboxItem> items;
        const auto read = [&](const Row& row) {
            auto& item = items.emplace_back();
            return row.into(item.id, as_json(item.effect));
        };
        GYRE_TRY(database.each("SELECT id, effect_json FROM outbox ORDER BY id LIMIT ?", read, std::max(limit, 0)));
        return items;
    });
}

Result<void> SqlOutbox::done(const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return {};
    const auto remove = [&](Database& database) -> Result<void> {
        for (const auto id : ids) GYRE_TRY(database.put("DELETE FROM outbox WHERE id = ?", id));
        return {};
    };
    return connections_.write(remove, Durable::some_day);  // an effect may come again
}

}  // namespace gyre::sql
