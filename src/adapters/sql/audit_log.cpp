#include "adapters/sql/audit_log.h"

#include <limits>

#include "base/json.h"

namespace gyre::sql {
namespace {

constexpr std::string_view insert_event =
    "INSERT INTO audit_events (id, action, success, actor, target, scope, payload_json, occurred_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
constexpr std::string_view newest_events =
    "SELECT position, id, action, success, actor, target, scope, payload_json, occurred_at FROM audit_events"
    " WHERE position < ? ORDER BY position DESC LIMIT ?";

}  // namespace

Result<void> SqlAuditLog::add(const std::vector<AuditEvent>& events) {
    return connections_.write([&](Database& database) -> Result<void> {
        for (const auto& event : events) {
            GYRE_TRY(database.run(insert_event, event.id, event.action, event.success, event.actor, event.target,
                                  event.scope, json::serialize(event.payload), event.occurred_at));
        }
        return {};
    });
}

Result<AuditPage> SqlAuditLog::newest(int limit, std::int64_t before) {
    return connections_.read([&](Database& database) -> Result<AuditPage> {
        AuditPage page;
        std::int64_t position = 0;
        const auto read = [&](const Row& row) {
            auto& event = page.events.emplace_back();
            return row.into(position, event.id, event.action, event.success, event.actor, event.target, event.scope,
                            as_json(event.payload), event.occurred_at);
        };
        const auto from = before > 0 ? before : std::numeric_limits<std::int64_t>::max();
        GYRE_TRY(database.each(newest_events, read, from, limit));
        if (std::ssize(page.events) == limit && position > 1) page.next = position;
        return page;
    });
}

}  // namespace gyre::sql
