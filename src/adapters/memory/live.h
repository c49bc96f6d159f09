#pragma once

// Live news inside one process; the server's own. Subscribers are called one after the other while a lock is held, so
// once the object returned by subscribe() is gone, its `hear` is not running and never will. The object may outlive the
// Live.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "base/guarded.h"
#include "ports/live.h"

namespace gyre::memory {

class MemoryLive final : public Live {
public:
    MemoryLive();

    void publish(const News& news) override;
    std::shared_ptr<void> subscribe(std::function<void(const News&)> hear) override;

private:
    struct Audience {
        std::uint64_t next = 0;
        std::map<std::uint64_t, std::function<void(const News&)>> hear;
    };
    std::shared_ptr<Guarded<Audience>> audience_;
};

}  // namespace gyre::memory
