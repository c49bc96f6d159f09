#include "adapters/sql/workflow_store.h"

#include <algorithm>

#include "adapters/sql/pipeline_rows.h"
#include "adapters/sql/queries.h"
#include "adapters/sql/schedule_store.h"
#include "adapters/sql/workflow_rows.h"

namespace gyre::sql {
namespace {

constexpr std::string_view take_numbers =
    "INSERT INTO counters (project_id, pipeline, build) VALUES (?, ?, ?) ON CONFLICT (project_id) DO UPDATE SET"
    " pipeline = counters.pipeline + excluded.pipeline, build = counters.build + excluded.build"
    " RETURNING pipeline, build";
constexpr std::string_view log_event =
    "INSERT INTO events (id, kind, payload_json, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
constexpr std::string_view add_effect = "INSERT INTO outbox (event_id, effect_json) VALUES (?, ?)";

constexpr std::string_view take_hold =
    "INSERT INTO serial_holds (serial_group, holder, workflow_id, job_id) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (serial_group) DO NOTHING";
constexpr std::string_view give_up_hold = "DELETE FROM serial_holds WHERE serial_group = ? AND holder = ?";
constexpr std::string_view holder_of =
    "SELECT serial_holds.holder, jobs.name FROM serial_holds JOIN jobs ON jobs.id = serial_holds.job_id"
    " WHERE serial_holds.serial_group = ?";

Result<void> take(Database& database, const SerialHold& hold) {
    GYRE_TRY_ASSIGN(const auto taken, database.run(take_hold, hold.group, hold.holder, hold.workflow, hold.job));
    if (taken > 0) return {};
    std::string holder;
    std::string job;
    GYRE_TRY(database.each(
        holder_of, [&](const Row& row) { return row.into(holder, job); }, hold.group));
    if (holder == hold.holder) return {};
    return held_by_another(hold.group, job);
}

struct Turn {
    const SerialHold* hold;
    bool taken;  // or given up
};

// In the order of the groups, and of each group in the order of arrival: of two servers with several groups none waits
// for the other while that waits for it.
Result<void> write_holds(Database& database, std::span<const Commit> commits) {
    std::vector<Turn> turns;
    for (const auto& commit : commits) {
        for (const auto& hold : commit.releases) turns.push_back({&hold, false});
        for (const auto& hold : commit.holds) turns.push_back({&hold, true});
    }
    std::ranges::stable_sort(turns, {}, [](const Turn& turn) -> const std::string& { return turn.hold->group; });
    for (const auto& [hold, taken] : turns) {
        GYRE_TRY(taken ? take(database, *hold) : database.put(give_up_hold, hold->group, hold->holder));
    }
    return {};
}

// All but the events themselves.
Result<void> write_what_they_say(Database& database, std::span<const Commit> commits,
                                 std::span<const WorkflowChange> changes) {
    for (const auto& commit : commits) {
        if (commit.pipeline) GYRE_TRY(write_pipeline(database, *commit.pipeline));
        if (commit.pipeline && commit.schedules)
            GYRE_TRY(replace_schedules(database, *commit.pipeline, *commit.schedules, commit.at));
    }
    for (const auto& change : changes) GYRE_TRY(write_workflow(database, change));
    for (const auto& commit : commits) {
        for (const auto& effect : commit.effects)
            GYRE_TRY(database.put(add_effect, commit.event, to_json_text(effect)));
    }
    return write_holds(database, commits);
}

Result<Committed> write(Database& database, const Commit& commit) {
    GYRE_TRY_ASSIGN(const auto changes, changes_of({&commit, 1}));
    GYRE_TRY(lock_workflows(database, changes));
    GYRE_TRY_ASSIGN(const auto logged,
                    database.run(log_event, commit.event, commit.kind, json::serialize(commit.payload), commit.at));
    if (logged == 0) return Committed::duplicate;
    GYRE_TRY(write_what_they_say(database, {&commit, 1}, changes));
    return Committed::stored;
}

Result<std::size_t> write_all(Database& database, std::span<const Commit> commits) {
    GYRE_TRY_ASSIGN(const auto changes, changes_of(commits));
    GYRE_TRY(lock_workflows(database, changes));
    for (const auto& commit : commits) {
        GYRE_TRY(database.put_one(conflict("event " + commit.event.text + " came before"), log_event, commit.event,
                                  commit.kind, json::serialize(commit.payload), commit.at));
    }
    GYRE_TRY(write_what_they_say(database, commits, changes));
    return commits.size();
}

}  // namespace

Result<Numbers> SqlWorkflowStore::reserve(const ProjectId& project, bool pipeline, int builds) {
    if (builds < 0) return invalid("a negative count of build numbers was asked for");
    const auto take = [&](Database& database) -> Result<Numbers> {
        Numbers last;
        GYRE_TRY(database.each(
            take_numbers, [&](const Row& row) { return row.into(last.pipeline, last.first_build); }, project,
            pipeline ? 1 : 0, builds));
        return Numbers{.pipeline = pipeline ? last.pipeline : 0, .first_build = last.first_build - builds + 1};
    };
    return connections_.write(take, Durable::with_the_next);
}

Result<Committed> SqlWorkflowStore::commit(const Commit& commit) {
    return connections_.write([&](Database& database) { return write(database, commit); }, commit.durable);
}

// One that cannot be stored takes the others back with it.
Result<std::size_t> SqlWorkflowStore::commit_all(std::span<const Commit> commits) {
    const bool urgent =
        std::ranges::any_of(commits, [](const Commit& commit) { return commit.durable == Durable::now; });
    const auto stored = connections_.write([&](Database& database) { return write_all(database, commits); },
                                           urgent ? Durable::now : Durable::with_the_next);
    if (!stored && stored.error().fault == Fault::conflict) return std::size_t{0};
    return stored;
}

Result<Workflow> SqlWorkflowStore::load(const WorkflowId& id) {
    return connections_.read([&](Database& database) { return read_workflow(database, id); });
}

Result<WorkflowId> SqlWorkflowStore::workflow_of(const JobId& job) {
    return connections_.read([&](Database& database) -> Result<WorkflowId> {
        GYRE_TRY_ASSIGN(auto id, database.value<WorkflowId>("SELECT workflow_id FROM jobs WHERE id = ?", job));
        if (!id) return not_found("there is no job " + job.text);
        return std::move(*id);
    });
}

Result<Workflow> SqlWorkflowStore::load_job(const JobId& job) {
    return connections_.read([&](Database& database) { return read_workflow_of(database, job); });
}

Result<Pipeline> SqlWorkflowStore::load_pipeline(const PipelineId& id) {
    static const std::string select_listed = "SELECT " + std::string(listed_columns) + " FROM pipelines WHERE id = ?";
    return connections_.read([&](Database& database) -> Result<Pipeline> {
        Pipeline pipeline;
        std::int64_t position = 0;
        const auto read = [&](const Row& row) -> Result<void> {
            GYRE_TRY_ASSIGN(position, read_listed(row, pipeline));
            return {};
        };
        GYRE_TRY(database.each(select_listed, read, id));
        if (position == 0) return not_found("there is no pipeline " + id.text);
        GYRE_TRY(database.each(
            "SELECT source, plan_json, continuation_json FROM configs WHERE pipeline_id = ?",
            [&](const Row& row) {
                return row.into(pipeline.config_source, as_json(pipeline.plan), as_json(pipeline.continuation));
            },
            id));
        return pipeline;
    });
}

Result<std::vector<WorkflowId>> SqlWorkflowStore::unfinished() {
    return connections_.read([&](Database& database) -> Result<std::vector<WorkflowId>> {
        std::vector<WorkflowId> ids;
        GYRE_TRY(
            database.each(queries::unfinished_workflows, [&](const Row& row) { return row.into(ids.emplace_back()); }));
        return ids;
    });
}

Result<std::vector<OpenWorkflow>> SqlWorkflowStore::unfinished_on(const ProjectId& project, const std::string& branch) {
    return connections_.read([&](Database& database) -> Result<std::vector<OpenWorkflow>> {
        std::vector<OpenWorkflow> open;
        const auto read = [&](const Row& row) {
            auto& one = open.emplace_back();
            return row.into(one.workflow, one.pipeline, one.pipeline_number);
        };
        GYRE_TRY(database.each(queries::unfinished_on_branch, read, project, branch));
        return open;
    });
}

Result<std::optional<std::int64_t>> SqlWorkflowStore::number_before(const ProjectId& project, const std::string& branch,
                                                                    std::int64_t number) {
    return connections_.read([&](Database& database) -> Result<std::optional<std::int64_t>> {
        std::optional<std::int64_t> before;
        GYRE_TRY(database.each(
            queries::number_before, [&](const Row& row) { return row.into(before); }, project, branch, number));
        return before;
    });
}

Result<std::vector<SerialHold>> SqlWorkflowStore::serial_holds() {
    return connections_.read([&](Database& database) -> Result<std::vector<SerialHold>> {
        std::vector<SerialHold> holds;
        const auto read = [&](const Row& row) {
            auto& hold = holds.emplace_back();
            return row.into(hold.group, hold.holder, hold.workflow, hold.job);
        };
        GYRE_TRY(database.each(
            "SELECT serial_group, holder, workflow_id, job_id FROM serial_holds ORDER BY serial_group", read));
        return holds;
    });
}

}  // namespace gyre::sql
