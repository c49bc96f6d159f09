#include "adapters/sql/keepsakes.h"

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

constexpr std::string_view insert_cache =
    "INSERT INTO caches (project_id, fork, key, blob, size, created_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (project_id, fork, key) DO NOTHING";
constexpr std::string_view count_same_cache =
    "SELECT COUNT(*) FROM caches WHERE project_id = ? AND fork = ? AND key = ? AND blob = ?";
constexpr std::string_view mark_used =
    "UPDATE caches SET used_at = ? WHERE project_id = ? AND fork = ? AND key = ? AND used_at < ?";
constexpr std::string_view select_caches =
    "SELECT project_id, fork, key, blob, size, used_at, CASE WHEN blob IN (SELECT blob FROM manifest_trees) THEN 1"
    " ELSE 0 END FROM caches ORDER BY used_at, position";
constexpr std::string_view delete_cache =
    "DELETE FROM caches WHERE project_id = ? AND fork = ? AND key = ? AND blob = ? AND used_at = ?";
constexpr std::string_view delete_broken_cache =
    "DELETE FROM caches WHERE project_id = ? AND fork = ? AND key = ? AND blob = ?";
constexpr std::string_view select_blobs =
    "SELECT blob, 1 FROM caches UNION SELECT blob, 1 FROM workspace_layers UNION SELECT blob, 0 FROM artifacts"
    " UNION SELECT blob, 0 FROM sealed_outputs"
    " UNION SELECT blob, 1 FROM manifest_trees";
constexpr std::string_view delete_trees = "DELETE FROM manifest_trees WHERE told_at < ?";
constexpr std::string_view put_layer =
    "INSERT INTO workspace_layers (workspace_id, job_id, task_index, attempt, sequence, job_name, blob, size)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace_id, job_id, task_index, attempt, sequence) DO UPDATE SET"
    " job_name = excluded.job_name, blob = excluded.blob, size = excluded.size";
constexpr std::string_view select_layers =
    "SELECT job_id, job_name, task_index, sequence, blob, size FROM workspace_layers"
    " WHERE workspace_id = ? AND job_id = ? AND attempt ="
    " (SELECT MAX(number) FROM attempts WHERE attempts.job_id = workspace_layers.job_id"
    "  AND attempts.task_index = workspace_layers.task_index) ORDER BY task_index, sequence";

Result<std::optional<CacheEntry>> newest_match(Database& database, const ProjectId& project, const std::string& fork,
                                               const std::string& key) {
    std::optional<CacheEntry> found;
    const auto read = [&](const Row& row) {
        auto& entry = found.emplace();
        return row.into(entry.key, entry.blob, entry.size, entry.created_at);
    };
    if (const auto end = database.after_prefix(key)) {
        GYRE_TRY(database.each(queries::find_cache, read, project, fork, key, *end));
    } else {
        GYRE_TRY(database.each(queries::newest_cache, read, project, fork, key));
    }
    return found;
}

// Of the scope's own and of the project's; of equally old ones, its own.
Result<std::optional<CacheEntry>> newest_match(Database& database, const CacheScope& scope, const std::string& key) {
    GYRE_TRY_ASSIGN(auto found, newest_match(database, scope.project, "", key));
    if (scope.fork.empty()) return found;
    GYRE_TRY_ASSIGN(auto own, newest_match(database, scope.project, scope.fork, key));
    return own && (!found || own->created_at >= found->created_at) ? own : found;
}

}  // namespace

Result<bool> SqlKeepsakes::add_cache(const CacheScope& scope, const CacheEntry& entry) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto added, database.run(insert_cache, scope.project, scope.fork, entry.key, entry.blob,
                                                       entry.size, entry.created_at, entry.created_at));
        if (added > 0) return true;
        std::int64_t same = 0;
        const auto read = [&](const Row& row) { return row.into(same); };
        GYRE_TRY(database.each(count_same_cache, read, scope.project, scope.fork, entry.key, entry.blob));
        return same > 0;
    });
}

Result<std::optional<CacheEntry>> SqlKeepsakes::find_cache(const CacheScope& scope,
                                                           const std::vector<std::string>& keys) {
    return connections_.read([&](Database& database) -> Result<std::optional<CacheEntry>> {
        for (const auto& key : keys) {
            GYRE_TRY_ASSIGN(auto found, newest_match(database, scope, key));
            if (found) return found;
        }
        return std::optional<CacheEntry>();
    });
}

Result<void> SqlKeepsakes::note_use(const CacheScope& scope, const std::string& key, Timestamp at) {
    const auto mark = [&](Database& database) -> Result<void> {
        GYRE_TRY(database.run(mark_used, at, scope.project, "", key, at));
        if (!scope.fork.empty()) GYRE_TRY(database.run(mark_used, at, scope.project, scope.fork, key, at));
        return {};
    };
    return connections_.write(mark, Durable::some_day);  // forgotten, it goes a little earlier
}

Result<void> SqlKeepsakes::each_cache(const std::function<Result<void>(const KeptCache&)>& visit) {
    std::vector<KeptCache> kept;
    GYRE_TRY(connections_.read([&](Database& database) -> Result<void> {
        kept.clear();
        const auto read = [&](const Row& row) {
            auto& cache = kept.emplace_back(KeptCache{CacheScope(ProjectId()), {}, {}, 0, {}, false});
            return row.into(cache.scope.project, cache.scope.fork, cache.key, cache.blob, cache.size, cache.used_at,
                            cache.held);
        };
        return database.each(select_caches, read);
    }));
    for (const auto& cache : kept) GYRE_TRY(visit(cache));
    return {};
}

Result<bool> SqlKeepsakes::drop_cache(const KeptCache& cache) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto dropped, database.run(delete_cache, cache.scope.project, cache.scope.fork, cache.key,
                                                         cache.blob, cache.used_at));
        return dropped > 0;
    });
}

Result<bool> SqlKeepsakes::forget_cache(const CacheScope& scope, const std::string& key, const std::string& blob) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto gone, database.run(delete_broken_cache, scope.project, scope.fork, key, blob));
        return gone > 0;
    });
}

Result<void> SqlKeepsakes::each_named_blob(
    const std::function<Result<void>(const std::string& sha256, bool tree)>& visit) {
    return connections_.read([&](Database& database) -> Result<void> {
        std::string name;
        std::int64_t tree = 0;
        const auto read = [&](const Row& row) -> Result<void> {
            GYRE_TRY(row.into(name, tree));
            return visit(name, tree != 0);
        };
        return database.each(select_blobs, read);
    });
}

Result<std::int64_t> SqlKeepsakes::release_trees(Timestamp before) {
    return connections_.write([&](Database& database) { return database.run(delete_trees, before); });
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
