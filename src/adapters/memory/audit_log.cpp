#include "adapters/memory/audit_log.h"

#include <algorithm>

namespace gyre::memory {

Result<void> MemoryAuditLog::add(const std::vector<AuditEvent>& events) {
    return trouble_.around("audit.add", [&]() -> Result<void> {
        auto state = state_.lock();
        for (const auto& event : events) {
            const bool known =
                std::ranges::find(state->audit_events, event.id, &AuditEvent::id) != state->audit_events.end();
            if (!known) state->audit_events.push_back(event);
        }
        return {};
    });
}

Result<AuditPage> MemoryAuditLog::newest(int limit, std::int64_t before) {
    return trouble_.around("audit.newest", [&]() -> Result<AuditPage> {
        const auto state = state_.lock();
        const auto& all = state->audit_events;
        auto position = before > 0 ? std::min<std::int64_t>(before - 1, std::ssize(all)) : std::ssize(all);
        AuditPage page;
        for (; position > 0 && std::ssize(page.events) < limit; --position)
            page.events.push_back(all[static_cast<std::size_t>(position - 1)]);
        if (position > 0) page.next = position + 1;
        return page;
    });
}

}  // namespace gyre::memory
