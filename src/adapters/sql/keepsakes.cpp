#include "adapters/sql/keepsakes.h"

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

constexpr std::string_view insert_cache =
    "INSERT INTO caches (project_id, key, blob, size, created_at) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (project_id, key) DO NOTHING";
constexpr std::string_view count_same_cache =
    "SELECT COUNT(*) FROM caches WHERE project_id = ? AND key = ? AND blob = ?";
constexpr std::string_view put_layer =
    "INSERT INTO workspace_layers (workspace_id, job_id, task_index, attempt, sequence, job_name, blob, size)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace_id, job_id, task_index, attempt, sequence) DO UPDATE SET"
    " job_name = excluded.job_name, blob = excluded.blob, size = excluded.size";
constexpr std::string_view select_layers =
    "SELECT job_id, job_name, task_index, sequence, blob, size FROM workspace_layers"
    " WHERE workspace_id = ? AND job_id = ? AND attempt ="
    " (SELECT MAX(number) FROM attempts WHERE attempts.job_id = workspace_layers.job_id"
    "  AND attempts.task_index = workspace_layers.task_index) ORDER BY task_index, sequence";

Result<std::optional<CacheEntry>> newest_match(Database& database, const ProjectId& project, const std::string& key) {
    std::optional<CacheEntry> found;
    const auto read = [&](const Row& row) {
        auto& entry = found.emplace();
        return row.into(entry.key, entry.blob, entry.size, entry.created_at);
    };
    if (const auto end = database.after_prefix(key)) {
        GYRE_TRY(database.each(queries::find_cache, read, project, key, *end));
    } else {
        GYRE_TRY(database.each(queries::newest_cache, read, project, key));
    }
    return found;
}

}  // namespace

Result<bool> SqlKeepsakes::add_cache(const ProjectId& project, const CacheEntry& entry) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto added,
                        database.run(insert_cache, project, entry.key, entry.blob, entry.size, entry.created_at));
        if (added > 0) return true;
        std::int64_t same = 0;
        const auto read = [&](const Row& row) { return row.into(same); };
        GYRE_TRY(database.each(count_same_cache, read, project, entry.key, entry.blob));
        return same > 0;
    });
}

Result<std::optional<CacheEntry>> SqlKeepsakes::find_cache(const ProjectId& project,
                                                           const std::vector<std::string>& keys) {
    return connections_.read([&](Database& database) -> Result<std::optional<CacheEntry>> {
        for (const auto& key : keys) {
            GYRE_TRY_ASSIGN(auto found, newest_match(database, project, key));
            if (found) return found;
        }
        return std::optional<CacheEntry>();
    });
}

Result<void> SqlKeepsakes::add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                                     const WorkspaceLayer& layer) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(database.run(put_layer, workspace, attempt.job, attempt.task, attempt.attempt, layer.sequence,
                              layer.job_name, layer.blob, layer.size));
        return {};
    });
}

Result<std::vector<WorkspaceLayer>> SqlKeepsakes::layers(const WorkflowId& workspace, const std::vector<JobId>& jobs) {
    return connections_.read([&](Database& database) -> Result<std::vector<WorkspaceLayer>> {
        std::vector<WorkspaceLayer> layers;
        const auto read = [&](const Row& row) {
            auto& layer = layers.emplace_back();
            return row.into(layer.job, layer.job_name, layer.task, layer.sequence, layer.blob, layer.size);
        };
        for (const auto& job : jobs) GYRE_TRY(database.each(select_layers, read, workspace, job));
        return layers;
    });
}

}  // namespace gyre::sql
