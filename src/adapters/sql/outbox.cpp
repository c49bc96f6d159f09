#include "adapters/sql/outbox.h"

#include <algorithm>

namespace gyre::sql {

Result<std::vector<OutboxItem>> SqlOutbox::pending(int limit) {
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
        for (const auto id : ids) GYRE_TRY(database.run("DELETE FROM outbox WHERE id = ?", id));
        return {};
    };
    return connections_.write(remove, Durable::with_the_next);  // an effect may come again
}

}  // namespace gyre::sql
