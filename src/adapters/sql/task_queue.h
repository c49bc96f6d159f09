#pragma once

#include "adapters/sql/connections.h"
#include "ports/task_queue.h"

namespace gyre::sql {

class SqlTaskQueue final : public TaskQueue {
public:
    explicit SqlTaskQueue(Connections& connections) : connections_(connections) {}

    Result<std::vector<QueuedTask>> queued(int limit) override;
    Result<std::vector<LiveAttempt>> live() override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
