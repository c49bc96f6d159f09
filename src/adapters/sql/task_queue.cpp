#include "adapters/sql/task_queue.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapters/sql/limited_claims.h"
#include "adapters/sql/queries.h"
#include "model/serial_hold.h"

namespace gyre::sql {

namespace {

// PostgreSQL's alone. A claim outlives no placement by long: it only keeps others from trying the same.
const std::string& claim_tasks() {
    static const std::string sql =
        "UPDATE queue SET claimed_by = ?, claimed_until = " + std::string(queries::now_of_postgres) +
        " + 10000 WHERE (job_id, task_index) IN (SELECT queue.job_id, queue.task_index FROM queue"
        " JOIN json_to_recordset(?::json) AS wanted (job TEXT COLLATE \"C\", task INTEGER)"
        " ON queue.job_id = wanted.job AND queue.task_index = wanted.task WHERE NOT " +
        queries::claimed_by_others() + " FOR UPDATE OF queue SKIP LOCKED) RETURNING job_id, task_index";
    return sql;
}

// What stands behind a place, in pages; `which` of it: all, or what a condition says.
std::string page_of_queue(const std::string& which) {
    return std::string(queries::queued_tasks) + std::string(queries::queued_behind) + which +
           std::string(queries::oldest_queued_first);
}

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

template <typename... Args>
Result<std::vector<QueuedTask>> read_tasks(Database& database, std::string_view sql, const Args&... args) {
    GYRE_TRY_ASSIGN(const Holders holders, read_holders(database));
    std::vector<QueuedTask> tasks;
    const auto read = [&](const Row& row) -> Result<void> {
        auto& task = tasks.emplace_back();
        std::string job_group;
        Timestamp promoted_at;
        GYRE_TRY(row.into(task.next.job, task.next.task, task.next.attempt, task.project, task.workflow, task.job_name,
                          task.job_number, task.executor, task.resource_class, task.queued_at, task.ready_at,
                          task.pipeline_number, task.serial_group, job_group, task.position, task.branch, promoted_at,
                          task.promoted_by));
        if (promoted_at != never_promoted) task.promoted_at = promoted_at;
        add_turn(task, job_group, holders);
        return {};
    };
    GYRE_TRY(database.each(sql, read, args...));
    return tasks;
}

}  // namespace

Result<std::vector<QueuedTask>> SqlTaskQueue::queued_after(const QueuePlace& place, int limit) {
    static const std::string sql = page_of_queue("");
    return connections_.read([&](Database& database) {
        return read_tasks(database, sql, place.promoted_at, place.queued_at, place.position, std::max(limit, 0));
    });
}

Result<std::vector<QueuedTask>> SqlTaskQueue::placeable_after(const QueuePlace& place, int limit) {
    if (server_.empty()) return queued_after(place, limit);
    static const std::string sql = page_of_queue(" AND NOT " + queries::claimed_by_others());
    return connections_.read([&](Database& database) {
        return read_tasks(database, sql, place.promoted_at, place.queued_at, place.position, server_,
                          std::max(limit, 0));
    });
}

// Those that another server is claiming at this moment are passed over, not waited for.
Result<std::vector<AttemptRef>> SqlTaskQueue::claim(const std::vector<AttemptRef>& wanted) {
    if (server_.empty() || wanted.empty()) return wanted;
    const auto take = [&](Database& database) -> Result<std::vector<AttemptRef>> {
        GYRE_TRY_ASSIGN(const auto within, within_limits(database, server_, wanted));
        json::array places;
        for (const auto& attempt : within)
            places.push_back(json::object{{"job", attempt.job.text}, {"task", attempt.task}});
        const std::string list = json::serialize(places);
        std::set<std::pair<std::string, int>> got;
        const auto read = [&](const Row& row) -> Result<void> {
            std::pair<std::string, int> place;
            GYRE_TRY(row.into(place.first, place.second));
            got.insert(std::move(place));
            return {};
        };
        GYRE_TRY(database.each(claim_tasks(), read, server_, list, server_));
        std::vector<AttemptRef> claimed;
        for (const auto& attempt : within) {
            if (got.contains({attempt.job.text, attempt.task})) claimed.push_back(attempt);
        }
        return claimed;
    };
    return connections_.write(take, Durable::some_day);
}

Result<std::vector<LiveAttempt>> SqlTaskQueue::live() {
    return connections_.read([&](Database& database) -> Result<std::vector<LiveAttempt>> {
        std::vector<LiveAttempt> attempts;
        const auto read = [&](const Row& row) {
            auto& live = attempts.emplace_back();
            return row.into(live.attempt.job, live.attempt.task, live.attempt.attempt, live.project, live.workflow,
                            live.state, live.client, live.token_hash, live.executor, live.resource_class,
                            live.placed_at, live.stop_asked, live.job_name);
        };
        GYRE_TRY(database.each(queries::live_attempts, read));
        return attempts;
    });
}

}  // namespace gyre::sql
