#include "adapters/sql/task_queue.h"

#include <algorithm>
#include <map>

#include "adapters/sql/queries.h"
#include "model/serial_hold.h"

namespace gyre::sql {

namespace {

struct Held {
    std::string as;
    std::string by;
};
using Holders = std::map<std::string, Held>;  // by serial group

Result<Holders> read_holders(Database& database) {
    Holders holders;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string group, job, slug;
        Held held;
        std::int64_t pipeline = 0;
        GYRE_TRY(row.into(group, held.as, job, pipeline, slug));
        held.by = describe_holder(job, pipeline, slug);
        holders.emplace(std::move(group), std::move(held));
        return {};
    };
    GYRE_TRY(database.each(queries::serial_holders, read));
    return holders;
}

void add_turn(QueuedTask& task, const std::string& job_group, const Holders& holders) {
    if (task.serial_group.empty()) return;
    task.holder = serial_holder(task.workflow, task.next.job, job_group);
    const auto held = holders.find(task.serial_group);
    if (held == holders.end()) return;
    task.held_as = held->second.as;
    task.held_by = held->second.by;
}

}  // namespace

Result<std::vector<QueuedTask>> SqlTaskQueue::queued(int limit) {
    return connections_.read([&](Database& database) -> Result<std::vector<QueuedTask>> {
        GYRE_TRY_ASSIGN(const Holders holders, read_holders(database));
        std::vector<QueuedTask> tasks;
        const auto read = [&](const Row& row) -> Result<void> {
            auto& task = tasks.emplace_back();
            std::string job_group;
            GYRE_TRY(row.into(task.next.job, task.next.task, task.next.attempt, task.project, task.workflow,
                              task.job_name, task.job_number, task.executor, task.resource_class, task.queued_at,
                              task.ready_at, task.pipeline_number, task.serial_group, job_group));
            add_turn(task, job_group, holders);
            return {};
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
