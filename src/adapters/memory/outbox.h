#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/outbox.h"

namespace gyre::memory {

class MemoryOutbox final : public Outbox {
public:
    MemoryOutbox(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<std::vector<OutboxItem>> pending(int limit) override;
    Result<void> done(const std::vector<std::int64_t>& ids) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
