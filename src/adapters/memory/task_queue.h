#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/task_queue.h"

namespace gyre::memory {

class MemoryTaskQueue final : public TaskQueue {
public:
    MemoryTaskQueue(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<std::vector<QueuedTask>> queued_after(const QueuePlace& place, int limit) override;
    Result<std::vector<LiveAttempt>> live() override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
