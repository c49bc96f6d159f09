#pragma once

// Effects that were committed and not yet carried out, oldest first. The conductor's effect loop reads, acts, and marks
// done; after a crash the same effect comes again (every effect is idempotent; done() is durable some day).
// Thread-safe.

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "model/effect.h"

namespace gyre {

struct OutboxItem {
    std::int64_t id = 0;
    Effect effect;
};

class Outbox {
public:
    virtual ~Outbox() = default;
    virtual Result<std::vector<OutboxItem>> pending(int limit) = 0;
    virtual Result<void> done(const std::vector<std::int64_t>& ids) = 0;
};

}  // namespace gyre
