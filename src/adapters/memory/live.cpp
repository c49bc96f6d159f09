#include "adapters/memory/live.h"

#include <utility>

namespace gyre::memory {

MemoryLive::MemoryLive() : audience_(std::make_shared<Guarded<Audience>>()) {}

void MemoryLive::publish(const News& news) {
    auto audience = audience_->lock();
    for (const auto& [number, hear] : audience->hear) hear(news);
}

std::shared_ptr<void> MemoryLive::subscribe(std::function<void(const News&)> hear) {
    auto audience = audience_->lock();
    const auto number = audience->next++;
    audience->hear.emplace(number, std::move(hear));
    const auto leave = [weak = std::weak_ptr(audience_), number](void*) {
        const auto still = weak.lock();
        if (!still) return;
        // The callable is destroyed after the lock is released: it may own things that call back.
        std::function<void(const News&)> gone;
        auto held = still->lock();
        const auto found = held->hear.find(number);
        gone = std::move(found->second);
        held->hear.erase(found);
    };
    return {reinterpret_cast<void*>(this), leave};
}

}  // namespace gyre::memory
