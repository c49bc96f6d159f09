#include "adapters/sql/task_queue.h"

#include <algorithm>

#include "adapters/sql/queries.h"

namespace gyre::sql {

Result<std::vector<QueuedTask>> SqlTaskQueue::queued(int limit) {
    return connections_.read([&](Database& database) -> Result<std::vector<QueuedTask>> {
        std::vector<QueuedTask> tasks;
        const auto read = [&](const Row& row) {
            auto& task = tasks.emplace_back();
            return row.into(task.next.job, task.next.task, task.next.attempt, task.project, task.workflow,
                            task.job_name, task.job_number, task.executor, task.resource_class, task.queued_at);
        };
        GYRE_TRY(database.each(queries::queued_tasks, read, std::max(limit, 0)));
        return tasks;
    });
}

Result<std::vector<LiveAttempt>> SqlTaskQueue::live() {
    return connections_.read([&](Database& database) -> Result<std::vector<LiveAttempt>> {
        std::vector<LiveAttempt> attempts;
        const auto read = [&](const Row& row) {
            auto& live = attempts.emplace_back();
            return row.into(live.attempt.job, live.attempt.task, live.attempt.attempt, live.project, live.workflow,
                            live.state, live.client, live.token_hash, live.executor, live.resource_class,
                            live.placed_at, live.stop_asked);
        };
        GYRE_TRY(database.each(queries::live_attempts, read));
        return attempts;
    });
}

}  // namespace gyre::sql
