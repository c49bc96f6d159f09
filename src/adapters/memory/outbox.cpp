#include "adapters/memory/outbox.h"

#include <algorithm>
#include <iterator>

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
        const auto is_done = [&](const OutboxItem& item) { return std::ranges::find(ids, item.id) != ids.end(); };
        auto state = state_.lock();
        std::vector<OutboxItem> gone;
        std::ranges::copy_if(state->outbox, std::back_inserter(gone), is_done);
        std::erase_if(state->outbox, is_done);
        state->not_durable_yet.emplace_back([gone = std::move(gone)](State& then) {
            then.outbox.insert(then.outbox.end(), gone.begin(), gone.end());
            std::ranges::sort(then.outbox, {}, &OutboxItem::id);
        });
        return {};
    });
}

}  // namespace gyre::memory
