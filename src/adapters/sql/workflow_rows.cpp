#include "adapters/sql/workflow_rows.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gyre::sql {
namespace {

constexpr std::string_view insert_workflow =
    "INSERT INTO workflows (id, pipeline_id, project_id, workspace_id, name, status, started_by, canceled_by,"
    " created_at, stopped_at, rerun_of, max_auto_reruns, auto_reruns, version)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (id) DO NOTHING";
constexpr std::string_view update_workflow =
    "UPDATE workflows SET status = ?, canceled_by = ?, stopped_at = ?, version = version + ? WHERE id = ? AND version "
    "= ?";
// PostgreSQL's alone; as strong as what update_workflow takes.
constexpr std::string_view lock_in_order =
    "SELECT id FROM workflows WHERE id = ANY(ARRAY(SELECT json_array_elements_text(?::json)))"
    " ORDER BY id FOR NO KEY UPDATE";
constexpr std::string_view insert_job =
    "INSERT INTO jobs (id, workflow_id, place, project_id, branch, name, type, number, spec, requires_json, status,"
    " reason, approved_by, canceled_by, kept_from, created_at, queued_at, started_at, stopped_at, required_ends_json,"
    " unavailable, serial_group, job_group, ssh, failed_tests_of) VALUES"
    " (?, ?, ?, ?, (SELECT branch FROM pipelines WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?, ?)";
constexpr std::string_view update_job =
    "UPDATE jobs SET status = ?, reason = ?, approved_by = ?, canceled_by = ?, queued_at = ?, started_at = ?,"
    " stopped_at = ? WHERE id = ? AND workflow_id = ?";
constexpr std::string_view insert_task =
    "INSERT INTO tasks (job_id, task_index, status, queued_at, ready_at) VALUES (?, ?, ?, ?, ?)";
// Of a job with many tasks, only the rows that differ are written.
constexpr std::string_view update_task =
    "UPDATE tasks SET status = ?, queued_at = ?, ready_at = ? WHERE job_id = ? AND task_index = ?"
    " AND (status <> ? OR queued_at IS DISTINCT FROM ? OR ready_at IS DISTINCT FROM ?)";
// The queue is what waits, apart from all that ever did.
constexpr std::string_view fill_queue =
    "INSERT INTO queue (job_id, task_index, queued_at, position) SELECT job_id, task_index, queued_at, position"
    " FROM tasks WHERE job_id = ? AND status = 'queued' ON CONFLICT (job_id, task_index) DO NOTHING";
constexpr std::string_view clear_queue =
    "DELETE FROM queue WHERE job_id = ? AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.job_id = queue.job_id"
    " AND tasks.task_index = queue.task_index AND tasks.status = 'queued')";
constexpr std::string_view put_attempt =
    "INSERT INTO attempts (job_id, task_index, number, state, client, token_hash, placed_at, started_at, stopped_at,"
    " outcome_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (job_id, task_index, number) DO UPDATE SET state = excluded.state, client = excluded.client,"
    " token_hash = excluded.token_hash, placed_at = excluded.placed_at, started_at = excluded.started_at,"
    " stopped_at = excluded.stopped_at, outcome_json = excluded.outcome_json"
    " WHERE attempts.state <> excluded.state OR attempts.client <> excluded.client"
    " OR attempts.token_hash <> excluded.token_hash OR attempts.placed_at <> excluded.placed_at"
    " OR attempts.started_at IS DISTINCT FROM excluded.started_at"
    " OR attempts.stopped_at IS DISTINCT FROM excluded.stopped_at"
    " OR attempts.outcome_json IS DISTINCT FROM excluded.outcome_json";

// What is read: all jobs of a workflow, or one of them, which is then the first.
struct Reach {
    std::string workflow;  // its id
    std::string place;     // of a row's job
    std::string jobs;      // which
};
const Reach whole{"?", "jobs.place", "jobs.workflow_id = ?"};
const Reach one_job{"(SELECT workflow_id FROM jobs WHERE id = ?)", "0", "jobs.id = ?"};

struct Selects {
    explicit Selects(const Reach& reach);
    std::string workflow;
    std::string jobs;
    std::string tasks;
    std::string attempts;
};

Selects::Selects(const Reach& reach)
    : workflow(
          "SELECT id, pipeline_id, project_id, workspace_id, name, status, started_by, canceled_by, created_at,"
          " stopped_at, rerun_of, max_auto_reruns, auto_reruns, version FROM workflows WHERE id = " +
          reach.workflow),
      jobs(
          "SELECT id, name, type, number, spec, requires_json, status, reason, approved_by, canceled_by, kept_from,"
          " created_at, queued_at, started_at, stopped_at, required_ends_json, unavailable, serial_group, job_group,"
          " ssh, failed_tests_of FROM jobs WHERE " +
          reach.jobs + " ORDER BY place"),
      tasks("SELECT " + reach.place +
            ", tasks.task_index, tasks.status, tasks.queued_at, tasks.ready_at"
            " FROM jobs JOIN tasks ON tasks.job_id = jobs.id WHERE " +
            reach.jobs + " ORDER BY jobs.place, tasks.task_index"),
      attempts("SELECT " + reach.place +
               ", attempts.task_index, attempts.number, attempts.state, attempts.client, attempts.token_hash,"
               " attempts.placed_at, attempts.started_at, attempts.stopped_at, attempts.outcome_json"
               " FROM jobs JOIN attempts ON attempts.job_id = jobs.id WHERE " +
               reach.jobs + " ORDER BY jobs.place, attempts.task_index, attempts.number") {}

Error stale(const Workflow& workflow) {
    return conflict("workflow " + workflow.id.text + " changed meanwhile: load it and try again");
}

Result<void> write_attempts(Database& database, const WorkflowJob& job, const Task& task) {
    for (const auto& attempt : task.attempts) {
        std::optional<std::string> outcome;
        if (attempt.outcome) outcome = to_json_text(*attempt.outcome);
        GYRE_TRY(database.put(put_attempt, job.id, task.index, attempt.number, attempt.state, attempt.client,
                              attempt.token_hash, attempt.placed_at, attempt.started_at, attempt.stopped_at, outcome));
    }
    return {};
}

Result<void> queue_tasks(Database& database, const WorkflowJob& job) {
    const auto queued = [](const Task& task) { return task.status == TaskStatus::queued; };
    if (!std::ranges::any_of(job.tasks, queued)) return {};
    return database.put(fill_queue, job.id);
}

// A job keeps the tasks that it was made with.
Result<void> write_tasks(Database& database, const WorkflowJob& job) {
    for (const auto& task : job.tasks) {
        GYRE_TRY(database.put(update_task, task.status, task.queued_at, task.ready_at, job.id, task.index, task.status,
                              task.queued_at, task.ready_at));
        GYRE_TRY(write_attempts(database, job, task));
    }
    GYRE_TRY(database.put(clear_queue, job.id));
    return queue_tasks(database, job);
}

Result<void> write_new_tasks(Database& database, const WorkflowJob& job) {
    for (const auto& task : job.tasks) {
        GYRE_TRY(database.put(insert_task, job.id, task.index, task.status, task.queued_at, task.ready_at));
        GYRE_TRY(write_attempts(database, job, task));
    }
    return queue_tasks(database, job);
}

Result<void> write_new(Database& database, const Workflow& workflow) {
    GYRE_TRY(database.put_one(stale(workflow), insert_workflow, workflow.id, workflow.pipeline, workflow.project,
                              workflow.workspace, workflow.name, workflow.status, workflow.started_by,
                              workflow.canceled_by, workflow.created_at, workflow.stopped_at, workflow.rerun_of,
                              workflow.max_auto_reruns, workflow.auto_reruns));
    std::size_t place = 0;
    for (const auto& job : workflow.jobs) {
        GYRE_TRY(database.put(insert_job, job.id, workflow.id, place++, workflow.project, workflow.pipeline, job.name,
                              job.type, job.number, job.spec, to_json_text(job.requires_), job.status, job.reason,
                              job.approved_by, job.canceled_by, job.kept_from, job.created_at, job.queued_at,
                              job.started_at, job.stopped_at, to_json_text(job.required_ends), job.unavailable,
                              job.serial_group, job.job_group, job.ssh, job.failed_tests_of));
        GYRE_TRY(write_new_tasks(database, job));
    }
    return {};
}

Result<void> write_job(Database& database, const Workflow& workflow, const WorkflowJob& job) {
    GYRE_TRY(database.put_one(invalid("workflow " + workflow.id.text + " has no job " + job.id.text), update_job,
                              job.status, job.reason, job.approved_by, job.canceled_by, job.queued_at, job.started_at,
                              job.stopped_at, job.id, workflow.id));
    return write_tasks(database, job);
}

// Of each job only the last mention.
void keep_last(std::vector<const WorkflowJob*>& jobs) {
    std::unordered_set<JobId> seen;
    std::vector<const WorkflowJob*> last;
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
        if (seen.insert((*job)->id).second) last.push_back(*job);
    }
    std::ranges::reverse(last);
    jobs = std::move(last);
}

Result<void> read_jobs(Database& database, std::string_view sql, const std::string& of, Workflow& workflow) {
    return database.each(
        sql,
        [&](const Row& row) {
            auto& job = workflow.jobs.emplace_back();
            return row.into(job.id, job.name, job.type, job.number, job.spec, as_json(job.requires_), job.status,
                            job.reason, job.approved_by, job.canceled_by, job.kept_from, job.created_at, job.queued_at,
                            job.started_at, job.stopped_at, as_json(job.required_ends), job.unavailable,
                            job.serial_group, job.job_group, job.ssh, job.failed_tests_of);
        },
        of);
}

Result<void> read_tasks(Database& database, std::string_view sql, const std::string& of, Workflow& workflow) {
    return database.each(
        sql,
        [&](const Row& row) -> Result<void> {
            std::size_t place = 0;
            Task task;
            GYRE_TRY(row.into(place, task.index, task.status, task.queued_at, task.ready_at));
            if (place >= workflow.jobs.size()) return corrupt("workflow " + workflow.id.text + " lacks a job");
            workflow.jobs[place].tasks.push_back(std::move(task));
            return {};
        },
        of);
}

Result<void> read_attempts(Database& database, std::string_view sql, const std::string& of, Workflow& workflow) {
    return database.each(
        sql,
        [&](const Row& row) -> Result<void> {
            std::size_t place = 0;
            std::size_t task = 0;
            Attempt attempt;
            GYRE_TRY(row.into(place, task, attempt.number, attempt.state, attempt.client, attempt.token_hash,
                              attempt.placed_at, attempt.started_at, attempt.stopped_at, as_json(attempt.outcome)));
            if (place >= workflow.jobs.size() || task >= workflow.jobs[place].tasks.size()) {
                return corrupt("workflow " + workflow.id.text + " lacks a task");
            }
            workflow.jobs[place].tasks[task].attempts.push_back(std::move(attempt));
            return {};
        },
        of);
}

}  // namespace

Result<std::vector<WorkflowChange>> changes_of(std::span<const Commit> commits) {
    std::vector<WorkflowChange> changes;
    std::unordered_map<WorkflowId, std::size_t> stored;  // places in `changes`
    for (const auto& commit : commits) {
        for (const auto& workflow : commit.workflows) {
            const auto [known, is_first] = stored.try_emplace(workflow.id, changes.size());
            if (workflow.version == 0) stored.erase(known);
            if (workflow.version == 0 || is_first) changes.push_back({&workflow, workflow.version, 0, {}});
            auto& change = workflow.version == 0 ? changes.back() : changes[known->second];
            if (workflow.version != change.version + change.commits) return stale(workflow);
            change.last = &workflow;
            ++change.commits;
            for (const auto& job : workflow.jobs) change.jobs.push_back(&job);
        }
    }
    for (auto& change : changes) {
        if (change.commits > 1) keep_last(change.jobs);
    }
    return changes;
}

Result<void> write_workflow(Database& database, const WorkflowChange& change) {
    const Workflow& workflow = *change.last;
    if (change.version == 0) return write_new(database, workflow);
    GYRE_TRY(database.put_one(stale(workflow), update_workflow, workflow.status, workflow.canceled_by,
                              workflow.stopped_at, change.commits, workflow.id, change.version));
    for (const auto* job : change.jobs) GYRE_TRY(write_job(database, workflow, *job));
    return {};
}

Result<void> lock_workflows(Database& database, std::span<const WorkflowChange> changes) {
    if (database.dialect() != Dialect::postgres) return {};
    std::set<std::string> stored;
    for (const auto& change : changes) {
        if (change.version > 0) stored.insert(change.last->id.text);
    }
    if (stored.empty()) return {};
    return database.put(lock_in_order, json::serialize(json::array(stored.begin(), stored.end())));
}

namespace {

// `of`: the id of the workflow, or of the job.
Result<Workflow> read(Database& database, const Selects& selects, const std::string& of) {
    Workflow workflow;
    GYRE_TRY(database.each(
        selects.workflow,
        [&](const Row& row) {
            return row.into(workflow.id, workflow.pipeline, workflow.project, workflow.workspace, workflow.name,
                            workflow.status, workflow.started_by, workflow.canceled_by, workflow.created_at,
                            workflow.stopped_at, workflow.rerun_of, workflow.max_auto_reruns, workflow.auto_reruns,
                            workflow.version);
        },
        of));
    if (workflow.version == 0) return workflow;
    GYRE_TRY(read_jobs(database, selects.jobs, of, workflow));
    GYRE_TRY(read_tasks(database, selects.tasks, of, workflow));
    GYRE_TRY(read_attempts(database, selects.attempts, of, workflow));
    return workflow;
}

}  // namespace

Result<Workflow> read_workflow(Database& database, const WorkflowId& id) {
    static const Selects selects(whole);
    GYRE_TRY_ASSIGN(Workflow workflow, read(database, selects, id.text));
    if (workflow.version == 0) return not_found("there is no workflow " + id.text);
    return workflow;
}

Result<Workflow> read_workflow_of(Database& database, const JobId& job) {
    static const Selects selects(one_job);
    GYRE_TRY_ASSIGN(Workflow workflow, read(database, selects, job.text));
    if (workflow.jobs.empty()) return not_found("there is no job " + job.text);
    return workflow;
}

}  // namespace gyre::sql
