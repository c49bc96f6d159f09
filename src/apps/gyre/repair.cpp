#include "apps/gyre/repair.h"

#include <filesystem>

#include "adapters/fs/folder.h"
#include "adapters/sql/workflow_rows.h"
#include "base/clock.h"
#include "base/random.h"
#include "model/outcome.h"
#include "model/status.h"
#include "workflow/rollup.h"

namespace gyre::apps {
namespace {

constexpr int page = 500;

std::string counted(std::int64_t count, const std::string& what) { return std::to_string(count) + " " + what; }

Result<void> log_repair(sql::Database& database, const std::string& what, Timestamp now) {
    GYRE_TRY(database.run("INSERT INTO events (id, kind, payload_json, at) VALUES (?, 'doctor', ?, ?)",
                          "doctor:" + random_uuid(), json::serialize(json::object{{"did", what}}), now));
    return {};
}

Result<std::int64_t> end_attempts_of_ended_tasks(sql::Database& database, Timestamp now) {
    const Outcome outcome = InfrastructureFailed{"ended by gyre doctor: its task was over"};
    return database.run(
        "UPDATE attempts SET state = 'finished', stopped_at = ?, outcome_json = ? WHERE state <> 'finished' AND"
        " EXISTS (SELECT 1 FROM tasks WHERE tasks.job_id = attempts.job_id AND tasks.task_index = attempts.task_index"
        " AND tasks.status IN ('finished', 'queued'))",
        now, to_json_text(outcome));
}

Result<std::int64_t> end_steps_of_ended_attempts(sql::Database& database, Timestamp now) {
    return database.run(
        "UPDATE steps SET status = 'infrastructure_fail', stopped_at = ? WHERE status = 'running' AND EXISTS"
        " (SELECT 1 FROM attempts WHERE attempts.job_id = steps.job_id AND attempts.task_index = steps.task_index"
        " AND attempts.number = steps.attempt AND attempts.state = 'finished')",
        now);
}

Result<bool> settle_status(sql::Database& database, const WorkflowId& id, Timestamp now) {
    const auto workflow = sql::read_workflow(database, id);
    if (!workflow && workflow.error().fault == Fault::unavailable) return workflow.error();
    if (!workflow || workflow->jobs.empty()) return false;  // nothing follows from what cannot be read
    const WorkflowStatus said = workflow::rollup(*workflow);
    const auto stopped = is_terminal(said) ? std::optional(workflow->stopped_at.value_or(now)) : std::nullopt;
    if (said == workflow->status && stopped == workflow->stopped_at) return false;
    GYRE_TRY(database.run("UPDATE workflows SET status = ?, stopped_at = ?, version = version + 1 WHERE id = ?", said,
                          stopped, id));
    return true;
}

Result<std::int64_t> settle_statuses(sql::Database& database, Timestamp now) {
    std::int64_t changed = 0;
    std::int64_t behind = 0;
    for (;;) {
        std::vector<WorkflowId> ids;
        GYRE_TRY(database.each(
            "SELECT position, id FROM workflows WHERE position > ? ORDER BY position LIMIT ?",
            [&](const sql::Row& row) { return row.into(behind, ids.emplace_back()); }, behind, page));
        for (const auto& id : ids) {
            GYRE_TRY_ASSIGN(const bool settled, settle_status(database, id, now));
            changed += settled ? 1 : 0;
        }
        if (ids.size() < page) return changed;
    }
}

}  // namespace

Result<std::vector<std::string>> repair_records(sql::Database& database) {
    const Timestamp now = SystemClock().now();
    std::vector<std::string> done;
    const auto did = [&](std::int64_t count, const std::string& what) -> Result<void> {
        if (count == 0) return {};
        done.push_back(counted(count, what));
        return log_repair(database, done.back(), now);
    };
    GYRE_TRY_ASSIGN(const auto attempts, end_attempts_of_ended_tasks(database, now));
    GYRE_TRY(did(attempts, "attempts of ended tasks were ended"));
    GYRE_TRY_ASSIGN(const auto steps, end_steps_of_ended_attempts(database, now));
    GYRE_TRY(did(steps, "steps of ended attempts were ended"));
    GYRE_TRY_ASSIGN(const auto statuses, settle_statuses(database, now));
    GYRE_TRY(did(statuses, "workflows got the status that their jobs say"));
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
