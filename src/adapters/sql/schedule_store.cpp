#include "adapters/sql/schedule_store.h"

#include <map>

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

constexpr std::string_view columns =
    "SELECT project_id, branch, workflow, crons_json, settled_until, last_tick, last_pipeline, missed_tick, missed_why"
    " FROM schedules";
constexpr std::string_view claim_one =
    "UPDATE schedules SET claimed_at = ? WHERE project_id = ? AND branch = ? AND workflow = ? AND crons_json = ?"
    " AND settled_until = ? AND (claimed_at IS NULL OR claimed_at > ? OR claimed_at <= ?)";
constexpr std::string_view settle_one =
    "UPDATE schedules SET claimed_at = NULL, settled_until = ? WHERE project_id = ? AND branch = ? AND workflow = ?"
    " AND crons_json = ? AND settled_until = ?";
constexpr std::string_view note_fired =
    "UPDATE schedules SET last_tick = ?, last_pipeline = ? WHERE project_id = ? AND branch = ? AND workflow = ?";
constexpr std::string_view note_missed =
    "UPDATE schedules SET missed_tick = ?, missed_why = ? WHERE project_id = ? AND branch = ? AND workflow = ?";
constexpr std::string_view put_one =
    "INSERT INTO schedules (project_id, branch, workflow, crons_json, settled_until) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (project_id, branch, workflow) DO UPDATE SET crons_json = excluded.crons_json,"
    " settled_until = excluded.settled_until, claimed_at = NULL";
constexpr std::string_view drop_one = "DELETE FROM schedules WHERE project_id = ? AND branch = ? AND workflow = ?";
constexpr std::string_view lines_of_branch =
    "SELECT workflow, crons_json FROM schedules WHERE project_id = ? AND branch = ?";

using Lines = std::map<std::string, std::vector<std::string>>;  // by workflow

Result<Lines> stored_lines(Database& database, const ProjectId& project, const std::string& branch) {
    Lines lines;
    const auto read = [&](const Row& row) -> Result<void> {
        std::string workflow;
        std::vector<std::string> crons;
        GYRE_TRY(row.into(workflow, as_json(crons)));
        lines[workflow] = std::move(crons);
        return {};
    };
    GYRE_TRY(database.each(lines_of_branch, read, project, branch));
    return lines;
}

}  // namespace

Result<void> replace_schedules(Database& database, const Pipeline& pipeline, const BranchSchedules& given,
                               Timestamp at) {
    const auto& [branch, schedules] = given;
    GYRE_TRY_ASSIGN(const auto newest,
                    database.value<std::int64_t>(queries::greatest_recent_number, pipeline.project, branch));
    if (newest.value_or(0) > pipeline.number) return {};
    Lines lines;
    for (const auto& one : schedules) lines[one.workflow].push_back(one.cron);
    GYRE_TRY_ASSIGN(const Lines before, stored_lines(database, pipeline.project, branch));
    for (const auto& [workflow, crons] : before) {
        if (!lines.contains(workflow)) GYRE_TRY(database.run(drop_one, pipeline.project, branch, workflow));
    }
    for (const auto& [workflow, crons] : lines) {
        const auto known = before.find(workflow);
        if (known != before.end() && known->second == crons) continue;
        GYRE_TRY(database.run(put_one, pipeline.project, branch, workflow, to_json_text(crons), at));
    }
    return {};
}

Result<std::vector<StoredSchedule>> SqlScheduleStore::schedules(const std::optional<ProjectId>& project) {
    static const std::string of_all = std::string(columns) + " ORDER BY project_id, branch, workflow";
    static const std::string of_one = std::string(columns) + " WHERE project_id = ? ORDER BY branch, workflow";
    return connections_.read([&](Database& database) -> Result<std::vector<StoredSchedule>> {
        std::vector<StoredSchedule> found;
        const auto read = [&](const Row& row) {
            auto& one = found.emplace_back();
            return row.into(one.project, one.branch, one.workflow, as_json(one.crons), one.settled_until, one.last_tick,
                            one.last_pipeline, one.missed_tick, one.missed_why);
        };
        GYRE_TRY(project ? database.each(of_one, read, *project) : database.each(of_all, read));
        return found;
    });
}

Result<bool> SqlScheduleStore::claim(const StoredSchedule& as_read, Timestamp now) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(
            const auto claimed,
            database.run(claim_one, now, as_read.project, as_read.branch, as_read.workflow, to_json_text(as_read.crons),
                         as_read.settled_until, now + schedule_claim_life, now - schedule_claim_life));
        return claimed > 0;
    });
}

Result<void> SqlScheduleStore::settle(const StoredSchedule& as_read, const SettledTicks& ticks) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto settled,
                        database.run(settle_one, ticks.until, as_read.project, as_read.branch, as_read.workflow,
                                     to_json_text(as_read.crons), as_read.settled_until));
        if (settled == 0) return {};
        if (ticks.fired)
            GYRE_TRY(database.run(note_fired, ticks.fired, ticks.pipeline, as_read.project, as_read.branch,
                                  as_read.workflow));
        if (ticks.missed)
            GYRE_TRY(database.run(note_missed, ticks.missed, ticks.missed_why, as_read.project, as_read.branch,
                                  as_read.workflow));
        return {};
    });
}

Result<void> SqlScheduleStore::forget_branch(const ProjectId& project, const std::string& branch) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.run("DELETE FROM schedules WHERE project_id = ? AND branch = ?", project, branch));
        return {};
    });
}

}  // namespace gyre::sql
