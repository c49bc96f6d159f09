#include "apps/gyre/repair.h"

#include <filesystem>

#include "adapters/fs/folder.h"
#include "adapters/sql/workflow_rows.h"
#include "apps/gyre/examine.h"
#include "base/clock.h"
#include "base/random.h"
#include "workflow/mend.h"

namespace gyre::apps {
namespace {

constexpr int page = 500;

std::string counted(std::int64_t count, const std::string& what) { return std::to_string(count) + " " + what; }

Result<void> log_repair(sql::Database& database, const std::string& what, Timestamp now) {
    GYRE_TRY(database.run("INSERT INTO events (id, kind, payload_json, at) VALUES (?, 'doctor', ?, ?)",
                          "doctor:" + random_uuid(), json::serialize(json::object{{"did", what}}), now));
    return {};
}

Result<std::int64_t> end_steps_of_ended_attempts(sql::Database& database, Timestamp now) {
    return database.run(
        "UPDATE steps SET status = 'infrastructure_fail', stopped_at = ? WHERE status = 'running' AND EXISTS"
        " (SELECT 1 FROM attempts WHERE attempts.job_id = steps.job_id AND attempts.task_index = steps.task_index"
        " AND attempts.number = steps.attempt AND attempts.state = 'finished')",
        now);
}

// What was done about the workflow, for people.
Result<std::string> mend_workflow(sql::Database& database, const WorkflowId& id, Timestamp now) {
    auto workflow = sql::read_workflow(database, id);
    if (!workflow && workflow.error().fault == Fault::unavailable) return workflow.error();
    if (!workflow) return std::string();  // nothing follows from what cannot be read
    const auto mended = workflow::mend(std::move(*workflow), now);
    if (mended.done.empty()) return std::string();
    sql::WorkflowChange change{.last = &mended.next, .version = mended.next.version, .commits = 1, .jobs = {}};
    for (const auto position : mended.changed) change.jobs.push_back(&mended.next.jobs[position]);
    GYRE_TRY(sql::write_workflow(database, change));
    std::string what = "workflow " + id.text;
    for (const auto& sentence : mended.done) what += (&sentence == &mended.done.front() ? ": " : "; ") + sentence;
    return what;
}

Result<void> mend_workflows(sql::Database& database, Timestamp now, std::vector<std::string>& done) {
    std::int64_t behind = 0;
    for (;;) {
        std::vector<WorkflowId> ids;
        GYRE_TRY(database.each(
            "SELECT position, id FROM workflows WHERE position > ? ORDER BY position LIMIT ?",
            [&](const sql::Row& row) { return row.into(behind, ids.emplace_back()); }, behind, page));
        for (const auto& id : ids) {
            GYRE_TRY_ASSIGN(auto what, mend_workflow(database, id, now));
            if (what.empty()) continue;
            GYRE_TRY(log_repair(database, what, now));
            done.push_back(std::move(what));
        }
        if (ids.size() < page) return {};
    }
}

Result<std::int64_t> give_up_holds(sql::Database& database) {
    GYRE_TRY_ASSIGN(const auto holds, holds_of_nobody(database));
    std::int64_t given_up = 0;
    for (const auto& hold : holds) {
        GYRE_TRY_ASSIGN(const auto gone, database.run("DELETE FROM serial_holds WHERE serial_group = ? AND holder = ?",
                                                      hold.group, hold.holder));
        given_up += gone;
    }
    return given_up;
}

}  // namespace

Result<std::vector<std::string>> repair_records(sql::Database& database) {
    const Timestamp now = SystemClock().now();
    std::vector<std::string> done;
    GYRE_TRY(mend_workflows(database, now, done));
    const auto did = [&](std::int64_t count, const std::string& what) -> Result<void> {
        if (count == 0) return {};
        done.push_back(counted(count, what));
        return log_repair(database, done.back(), now);
    };
    GYRE_TRY_ASSIGN(const auto steps, end_steps_of_ended_attempts(database, now));
    GYRE_TRY(did(steps, "steps of ended attempts were ended"));
    GYRE_TRY_ASSIGN(const auto strays, database.run("DELETE FROM queue WHERE " + std::string(queued_for_nothing)));
    GYRE_TRY(did(strays, "rows of the queue had no task that waits, and were removed"));
    GYRE_TRY_ASSIGN(const auto forgotten,
                    database.run("INSERT INTO queue (job_id, task_index, queued_at, position) SELECT tasks.job_id,"
                                 " tasks.task_index, tasks.queued_at, tasks.position FROM tasks WHERE " +
                                 std::string(waits_unqueued)));
    GYRE_TRY(did(forgotten, "tasks that wait were put into the queue"));
    GYRE_TRY_ASSIGN(const auto holds, give_up_holds(database));
    GYRE_TRY(did(holds, "serial groups were held by nobody that runs, and are free"));
    return done;
}

Result<std::string> forget_cache(sql::Database& database, const std::string& blob) {
    GYRE_TRY_ASSIGN(const auto count, database.run("DELETE FROM caches WHERE blob = ?", blob));
    GYRE_TRY_ASSIGN(const auto jobs, database.run("DELETE FROM manifest_trees WHERE blob = ?", blob));
    if (count == 0 && jobs == 0) return std::string();
    const std::string done = count > 0 ? counted(count, "caches were forgotten; jobs save them again")
                                       : counted(jobs, "jobs that had it can no longer be replayed");
    GYRE_TRY(log_repair(database, done + " (" + blob + ")", SystemClock().now()));
    return done;
}

Result<std::string> set_aside(const std::string& objects, const std::string& name) {
    GYRE_TRY_ASSIGN(const fs::Folder home, fs::Folder::open(objects));
    GYRE_TRY_ASSIGN(const fs::Folder damaged, home.child("damaged"));
    GYRE_TRY_ASSIGN(const fs::Folder shelves, home.existing_child("objects"));
    GYRE_TRY_ASSIGN(const fs::Folder shelf, shelves.existing_child(name.substr(0, 2)));
    GYRE_TRY(shelf.move(name.substr(2), damaged, name));
    GYRE_TRY(damaged.sync());
    return "it was moved to " + damaged.path_of(name);
}

}  // namespace gyre::apps
