#pragma once

#include "adapters/sqlite/connections.h"
#include "ports/task_queue.h"

namespace gyre::sqlite {

class SqliteTaskQueue final : public TaskQueue {
public:
    explicit SqliteTaskQueue(Connections& connections) : connections_(connections) {}

    Result<std::vector<QueuedTask>> queued(int limit) override;
    Result<std::vector<LiveAttempt>> live() override;

private:
    Connections& connections_;
};

}  // namespace gyre::sqlite
