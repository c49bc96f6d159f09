#include "adapters/memory/outbox.h"

#include <algorithm>

namespace gyre::memory {

Result<std::vector<OutboxItem>> MemoryOutbox::pending(int limit) {
    return trouble_.around("outbox.pending", [&]() -> Result<std::vector<OutboxItem>> {
        auto state = state_.lock();
        const auto count = std::min(static_cast<std::size_t>(std::max(limit, 0)), state->outbox.size());
        return std::vector<OutboxItem>(state->outbox.begin(),
                                       state->outbox.begin() + static_cast<std::ptrdiff_t>(count));
    });
}

Result<void> MemoryOutbox::done(const std::vector<std::int64_t>& ids) {
    return trouble_.around("outbox.done", [&]() -> Result<void> {
        auto state = state_.lock();
        std::erase_if(state->outbox,
                      [&](const OutboxItem& item) { return std::ranges::find(ids, item.id) != ids.end(); });
        return {};
    });
}

}  // namespace gyre::memory
