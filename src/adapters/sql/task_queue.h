#pragma once

#include <string>

#include "adapters/sql/connections.h"
#include "ports/task_queue.h"

namespace gyre::sql {

class SqlTaskQueue final : public TaskQueue {
public:
    // `server`: of several that share the database; empty: this one is alone.
    SqlTaskQueue(Connections& connections, std::string server)
        : connections_(connections), server_(std::move(server)) {}

    Result<std::vector<QueuedTask>> queued_after(const QueuePlace& place, int limit) override;
    Result<std::vector<QueuedTask>> placeable_after(const QueuePlace& place, int limit) override;
    Result<std::vector<AttemptRef>> claim(const std::vector<AttemptRef>& wanted) override;
    Result<std::vector<LiveAttempt>> live() override;

private:
    Connections& connections_;
    std::string server_;
};

}  // namespace gyre::sql
