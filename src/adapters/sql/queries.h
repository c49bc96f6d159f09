#pragma once

// The reads on hot paths. query_plan_test.cpp holds each to its index: none may walk through history.

#include <string>
#include <string_view>

#include "adapters/sql/dialect.h"

namespace gyre::sql::queries {

// The database's own time in milliseconds since 1970, where several servers must agree on it.
inline constexpr std::string_view now_of_postgres = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
inline constexpr std::string_view now_of_sqlite = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
constexpr std::string_view now_of(Dialect dialect) {
    return dialect == Dialect::postgres ? now_of_postgres : now_of_sqlite;
}

// Of queue and outbox: what a server other than the one given is about to deal with; it is left to that. PostgreSQL's
// alone.
inline std::string claimed_by_others() {
    return "(claimed_by <> ? AND claimed_until >= " + std::string(now_of_postgres) + ")";
}

inline constexpr std::string_view queued_tasks =
    "SELECT tasks.job_id, tasks.task_index,"
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM attempts"
    "  WHERE attempts.job_id = tasks.job_id AND attempts.task_index = tasks.task_index),"
    " jobs.project_id, jobs.workflow_id, jobs.name, jobs.number,"
    " COALESCE(job_specs.executor, 'docker'), COALESCE(job_specs.resource_class, ''), tasks.queued_at,"
    " tasks.ready_at, pipelines.number, jobs.serial_group, jobs.job_group,"
    " queue.position, pipelines.branch, queue.promoted_at, queue.promoted_by"
    " FROM queue JOIN tasks ON tasks.job_id = queue.job_id AND tasks.task_index = queue.task_index"
    " JOIN jobs ON jobs.id = queue.job_id JOIN workflows ON workflows.id = jobs.workflow_id"
    " JOIN pipelines ON pipelines.id = workflows.pipeline_id"
    " LEFT JOIN job_specs ON job_specs.pipeline_id = workflows.pipeline_id AND job_specs.spec = jobs.spec";
inline constexpr std::string_view queued_behind =
    " WHERE (queue.promoted_at, queue.queued_at, queue.position) > (?, ?, ?)";
inline constexpr std::string_view oldest_queued_first =
    " ORDER BY queue.promoted_at, queue.queued_at, queue.position LIMIT ?";

inline constexpr std::string_view live_attempts =
    "SELECT attempts.job_id, attempts.task_index, attempts.number, jobs.project_id, jobs.workflow_id, attempts.state,"
    " attempts.client, attempts.token_hash, COALESCE(job_specs.executor, 'docker'),"
    " COALESCE(job_specs.resource_class, ''), attempts.placed_at,"
    " jobs.canceled_by <> '' OR jobs.status = 'unauthorized', jobs.name"
    " FROM attempts JOIN jobs ON jobs.id = attempts.job_id JOIN workflows ON workflows.id = jobs.workflow_id"
    " LEFT JOIN job_specs ON job_specs.pipeline_id = workflows.pipeline_id AND job_specs.spec = jobs.spec"
    " WHERE attempts.state <> 'finished' ORDER BY attempts.placed_at, jobs.position, attempts.task_index";

// Of the newest pipelines of a branch, in whose order the numbers stand but for a few that were made at once.
inline constexpr std::string_view greatest_recent_number =
    "SELECT MAX(number) FROM (SELECT number FROM pipelines WHERE project_id = ? AND branch = ?"
    " ORDER BY position DESC LIMIT 50) AS newest";

// As many rows as serial groups are held now.
inline constexpr std::string_view serial_holders =
    "SELECT serial_holds.serial_group, serial_holds.holder, jobs.name, pipelines.number, projects.slug"
    " FROM serial_holds JOIN jobs ON jobs.id = serial_holds.job_id"
    " JOIN workflows ON workflows.id = serial_holds.workflow_id"
    " JOIN pipelines ON pipelines.id = workflows.pipeline_id JOIN projects ON projects.id = pipelines.project_id";

// As many rows as people asked to come into jobs that have not ended, times their keys.
inline constexpr std::string_view ssh_guests =
    "SELECT asked.job_id, asked.login, asked.keep, user_keys.type, user_keys.key_base64 FROM"
    " (SELECT ssh_guests.job_id AS job_id, ssh_guests.login AS login, ssh_guests.keep AS keep FROM ssh_guests"
    "  JOIN jobs ON jobs.id = ssh_guests.job_id WHERE jobs.stopped_at IS NULL"
    "  UNION ALL SELECT jobs.id, workflows.started_by, 'always' FROM jobs"
    "  JOIN workflows ON workflows.id = jobs.workflow_id WHERE jobs.ssh = 1 AND jobs.stopped_at IS NULL"
    "  AND NOT EXISTS (SELECT 1 FROM ssh_guests WHERE ssh_guests.job_id = jobs.id"
    "                  AND ssh_guests.login = workflows.started_by)) AS asked"
    " LEFT JOIN user_keys ON user_keys.login = asked.login"
    " ORDER BY asked.job_id, asked.login, user_keys.added_at, user_keys.fingerprint";

inline constexpr std::string_view project_there = "SELECT COUNT(*) FROM projects WHERE id = ?";

// Kind and owner. Whenever an agent takes a job.
inline constexpr std::string_view secrets_of_owner =
    "SELECT kind, owner_id, name, key_name, sealed, created_at, updated_at FROM secrets"
    " WHERE kind = ? AND owner_id = ? ORDER BY name";

inline constexpr std::string_view unfinished_on_branch =
    "SELECT workflows.id, workflows.pipeline_id, pipelines.number FROM workflows"
    " JOIN pipelines ON pipelines.id = workflows.pipeline_id"
    " WHERE workflows.project_id = ? AND workflows.stopped_at IS NULL AND pipelines.branch = ?"
    " ORDER BY workflows.position";

// Whenever an agent takes a job.
inline constexpr std::string_view number_before =
    "SELECT MAX(number) FROM jobs WHERE project_id = ? AND branch = ? AND number > 0 AND kept_from IS NULL"
    " AND number < ?";

inline constexpr std::string_view unfinished_workflows =
    "SELECT id FROM workflows WHERE stopped_at IS NULL ORDER BY position";

// The key is a prefix: an index range from it to the first text that does not start with it (none: NULL).
inline constexpr std::string_view find_cache =
    "SELECT key, blob, size, created_at FROM caches"
    " WHERE project_id = ? AND fork = ? AND key >= ? AND key < ? ORDER BY created_at DESC, position DESC LIMIT 1";
inline constexpr std::string_view newest_cache =
    "SELECT key, blob, size, created_at FROM caches"
    " WHERE project_id = ? AND fork = ? AND key >= ? ORDER BY created_at DESC, position DESC LIMIT 1";

inline constexpr std::string_view job_by_number =
    "SELECT workflows.pipeline_id, jobs.workflow_id, jobs.place FROM jobs"
    " JOIN workflows ON workflows.id = jobs.workflow_id"
    " WHERE jobs.project_id = ? AND jobs.number = ? AND jobs.number > 0 AND jobs.kept_from IS NULL";

// The builds of a name that may tell how long their tests take, the best first, with the triggers of their pipelines:
// project, name, number, branch. Those of forks are for the caller to leave out; 20 of them in front hide the others.
inline constexpr std::string_view timings_sources =
    "SELECT recent.id, pipelines.trigger_json FROM (SELECT jobs.id, jobs.workflow_id, jobs.number, jobs.branch,"
    "  jobs.status, jobs.failed_tests_of FROM jobs WHERE jobs.project_id = ? AND jobs.name = ? AND jobs.number < ?"
    "  AND jobs.number > 0 AND jobs.kept_from IS NULL ORDER BY jobs.number DESC LIMIT 500) AS recent"
    " JOIN workflows ON workflows.id = recent.workflow_id JOIN pipelines ON pipelines.id = workflows.pipeline_id"
    " WHERE recent.status = 'success' AND recent.failed_tests_of IS NULL"
    " AND EXISTS (SELECT 1 FROM tests WHERE tests.job_id = recent.id)"
    " ORDER BY CASE WHEN recent.branch = ? THEN 0 ELSE 1 END, recent.number DESC LIMIT 20";

// Lists filter by project or by (project, branch) through an index of that shape, so each shape is its own statement.
std::string pipelines(bool project, bool branch);    // project?, branch?, before, limit
std::string recent_jobs(bool project, bool branch);  // project?, branch?, limit, offset

// From name to name through the index, however many releases there are: after, now, contains, contains, limit, now.
// Names come in their order, because each is found from the one before.
inline constexpr std::string_view listed_orbs =
    "WITH RECURSIVE names (name) AS (SELECT MIN(name) FROM orb_releases WHERE name > ? UNION ALL"
    " SELECT (SELECT MIN(behind.name) FROM orb_releases AS behind WHERE behind.name > names.name) FROM names"
    " WHERE names.name IS NOT NULL),"
    " page AS (SELECT name, place FROM (SELECT name, (SELECT MIN(place) FROM orb_releases AS release"
    " WHERE release.name = names.name AND (expires_at IS NULL OR expires_at > ?)) AS place FROM names"
    " WHERE name IS NOT NULL AND (? = '' OR REPLACE(name, ?, '') <> name)) AS each_name WHERE place IS NOT NULL LIMIT "
    "?)"
    " SELECT newest.name, version, sha256, published_by, published_at, expires_at,"
    " (SELECT COUNT(*) FROM orb_releases AS release WHERE release.name = page.name"
    " AND (release.expires_at IS NULL OR release.expires_at > ?))"
    " FROM page JOIN orb_releases AS newest ON newest.name = page.name AND newest.place = page.place"
    " ORDER BY newest.name";

inline constexpr std::string_view newest_push =
    "SELECT number FROM pushes WHERE project_id = ? ORDER BY number DESC LIMIT 1";
inline constexpr std::string_view recent_pushes =
    "SELECT project_id, number, ref, old_revision, new_revision, actor, announced, delivery, counted, open,"
    " pipeline_id, note, received_at FROM pushes WHERE project_id = ? AND ref = ? AND counted = 1 ORDER BY number DESC "
    "LIMIT ?";
inline constexpr std::string_view uncounted_pushes =
    "SELECT project_id, number, ref, old_revision, new_revision, actor, announced, delivery, counted, open,"
    " pipeline_id, note, received_at FROM pushes WHERE project_id = ? AND ref = ? AND counted = 0 ORDER BY number DESC "
    "LIMIT ?";
inline constexpr std::string_view delivered_push =
    "SELECT project_id, number, ref, old_revision, new_revision, actor, announced, delivery, counted, open,"
    " pipeline_id, note, received_at FROM pushes WHERE project_id = ? AND ref = ? AND delivery = ? AND delivery <> ''";
inline constexpr std::string_view open_pushes =
    "SELECT project_id, number, ref, old_revision, new_revision, actor, announced, delivery, counted, open,"
    " pipeline_id, note, received_at FROM pushes WHERE project_id = ? AND open = 1 ORDER BY number LIMIT 1000";

}  // namespace gyre::sql::queries
