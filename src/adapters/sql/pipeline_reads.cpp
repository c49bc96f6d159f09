#include "adapters/sql/pipeline_reads.h"

#include <algorithm>
#include <limits>

#include "adapters/sql/pipeline_rows.h"
#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace queries {
namespace {

std::string filter(const std::string& table, bool project, bool branch) {
    return (project ? " AND " + table + ".project_id = ?" : "") + (branch ? " AND " + table + ".branch = ?" : "");
}

}  // namespace

std::string pipelines(bool project, bool branch) {
    return "SELECT " + std::string(listed_columns) + " FROM pipelines WHERE TRUE" +
           filter("pipelines", project, branch) + " AND position < ? ORDER BY position DESC LIMIT ?";
}

std::string recent_jobs(bool project, bool branch) {
    return "SELECT workflows.pipeline_id, jobs.workflow_id, jobs.place FROM jobs"
           " JOIN workflows ON workflows.id = jobs.workflow_id WHERE jobs.number > 0 AND jobs.kept_from IS NULL" +
           filter("jobs", project, branch) + " ORDER BY " + (project ? "jobs.number" : "jobs.position") +
           " DESC LIMIT ? OFFSET ?";
}

}  // namespace queries

namespace {

// Calls each() with those of the filters that are set, in front of the other parameters.
template <typename Act, typename... Args>
Result<void> each_filtered(Database& database, const std::string& sql, Act act, const std::optional<ProjectId>& project,
                           const std::string& branch, const Args&... args) {
    if (project && !branch.empty()) return database.each(sql, act, *project, branch, args...);
    if (project) return database.each(sql, act, *project, args...);
    if (!branch.empty()) return database.each(sql, act, branch, args...);
    return database.each(sql, act, args...);
}

Result<void> read_place(const Row& row, JobPlace& place) {
    return row.into(place.pipeline, place.workflow, place.position);
}

}  // namespace

Result<std::vector<ListedPipeline>> SqlPipelineReads::pipelines(const PipelineQuery& query) {
    return connections_.read([&](Database& database) -> Result<std::vector<ListedPipeline>> {
        std::vector<ListedPipeline> page;
        const auto read = [&](const Row& row) -> Result<void> {
            auto& listed = page.emplace_back();
            GYRE_TRY_ASSIGN(listed.position, read_listed(row, listed.pipeline));
            return {};
        };
        const auto before = query.before > 0 ? query.before : std::numeric_limits<std::int64_t>::max();
        GYRE_TRY(each_filtered(database, queries::pipelines(query.project.has_value(), !query.branch.empty()), read,
                               query.project, query.branch, before, std::max(query.limit, 0)));
        return page;
    });
}

Result<PipelineId> SqlPipelineReads::pipeline_by_number(const ProjectId& project, std::int64_t number) {
    return connections_.read([&](Database& database) -> Result<PipelineId> {
        GYRE_TRY_ASSIGN(auto id, database.value<PipelineId>(
                                     "SELECT id FROM pipelines WHERE project_id = ? AND number = ?", project, number));
        if (!id) return not_found("the project has no pipeline " + std::to_string(number));
        return std::move(*id);
    });
}

Result<std::vector<WorkflowId>> SqlPipelineReads::workflows_of(const PipelineId& pipeline) {
    return connections_.read([&](Database& database) -> Result<std::vector<WorkflowId>> {
        std::vector<WorkflowId> ids;
        GYRE_TRY(database.each(
            "SELECT id FROM workflows WHERE pipeline_id = ? ORDER BY position",
            [&](const Row& row) { return row.into(ids.emplace_back()); }, pipeline));
        return ids;
    });
}

Result<JobPlace> SqlPipelineReads::job_by_number(const ProjectId& project, std::int64_t build_num) {
    return connections_.read([&](Database& database) -> Result<JobPlace> {
        JobPlace place;
        GYRE_TRY(database.each(
            queries::job_by_number, [&](const Row& row) { return read_place(row, place); }, project, build_num));
        if (place.workflow.empty()) return not_found("the project has no job " + std::to_string(build_num));
        return place;
    });
}

Result<std::vector<JobPlace>> SqlPipelineReads::recent_jobs(const std::optional<ProjectId>& project,
                                                            const std::string& branch, int limit, int offset) {
    return connections_.read([&](Database& database) -> Result<std::vector<JobPlace>> {
        std::vector<JobPlace> page;
        const auto read = [&](const Row& row) { return read_place(row, page.emplace_back()); };
        GYRE_TRY(each_filtered(database, queries::recent_jobs(project.has_value(), !branch.empty()), read, project,
                               branch, std::max(limit, 0), std::max(offset, 0)));
        return page;
    });
}

}  // namespace gyre::sql
