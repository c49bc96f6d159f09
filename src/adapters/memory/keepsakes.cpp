#include "adapters/memory/keepsakes.h"

#include <algorithm>
#include <set>

namespace gyre::memory {
namespace {

// Of that attempt's task; 0 when the task is not known.
int last_attempt(const State& state, const AttemptRef& of) {
    const auto* job = state.find_job(of.job);
    if (!job) return 0;
    const auto task = std::ranges::find(job->tasks, of.task, &Task::index);
    return task == job->tasks.end() || task->attempts.empty() ? 0 : task->attempts.back().number;
}

bool is_seen_by(const CacheScope& cache, const CacheScope& reader) {
    return cache.project == reader.project && (cache.fork.empty() || cache.fork == reader.fork);
}

}  // namespace

Result<bool> MemoryKeepsakes::add_cache(const CacheScope& scope, const CacheEntry& entry) {
    return trouble_.around("keepsakes.add_cache", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto there = std::ranges::find_if(state->caches, [&](const StoredCache& cache) {
            return cache.scope == scope && cache.entry.key == entry.key;
        });
        if (there != state->caches.end()) return there->entry.blob == entry.blob;
        state->caches.push_back({scope, entry, entry.created_at});
        return true;
    });
}

Result<std::optional<CacheEntry>> MemoryKeepsakes::find_cache(const CacheScope& scope,
                                                              const std::vector<std::string>& keys) {
    return trouble_.around("keepsakes.find_cache", [&]() -> Result<std::optional<CacheEntry>> {
        auto state = state_.lock();
        for (const auto& key : keys) {
            const CacheEntry* newest = nullptr;
            for (const auto& [of, entry, used_at] : state->caches) {
                if (!is_seen_by(of, scope) || !entry.key.starts_with(key)) continue;
                if (!newest || entry.created_at >= newest->created_at) newest = &entry;
            }
            if (newest) return std::optional(*newest);
        }
        return std::optional<CacheEntry>();
    });
}

Result<void> MemoryKeepsakes::note_use(const CacheScope& scope, const std::string& key, Timestamp at) {
    return trouble_.around("keepsakes.note_use", [&]() -> Result<void> {
        auto state = state_.lock();
        for (auto& cache : state->caches) {
            if (is_seen_by(cache.scope, scope) && cache.entry.key == key) cache.used_at = std::max(cache.used_at, at);
        }
        return {};
    });
}

Result<void> MemoryKeepsakes::each_cache(const std::function<Result<void>(const KeptCache&)>& visit) {
    std::vector<KeptCache> kept;
    GYRE_TRY(trouble_.around("keepsakes.each_cache", [&]() -> Result<void> {
        auto state = state_.lock();
        std::set<std::string> held;
        for (const auto& [attempt, records] : state->records) {
            if (records.manifest) held.insert(records.manifest->trees.begin(), records.manifest->trees.end());
        }
        for (const auto& [scope, entry, used_at] : state->caches)
            kept.push_back({scope, entry.key, entry.blob, entry.size, used_at, held.contains(entry.blob)});
        return {};
    }));
    std::ranges::stable_sort(kept, {}, &KeptCache::used_at);
    for (const auto& cache : kept) GYRE_TRY(visit(cache));
    return {};
}

Result<bool> MemoryKeepsakes::drop_cache(const KeptCache& cache) {
    return trouble_.around("keepsakes.drop_cache", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto gone = std::erase_if(state->caches, [&](const StoredCache& stored) {
            return stored.scope == cache.scope && stored.entry.key == cache.key && stored.entry.blob == cache.blob &&
                   stored.used_at == cache.used_at;
        });
        return gone > 0;
    });
}

Result<bool> MemoryKeepsakes::forget_cache(const CacheScope& scope, const std::string& key, const std::string& blob) {
    return trouble_.around("keepsakes.forget_cache", [&]() -> Result<bool> {
        auto state = state_.lock();
        const auto gone = std::erase_if(state->caches, [&](const StoredCache& stored) {
            return stored.scope == scope && stored.entry.key == key && stored.entry.blob == blob;
        });
        return gone > 0;
    });
}

Result<void> MemoryKeepsakes::each_named_blob(
    const std::function<Result<void>(const std::string& sha256, bool tree)>& visit) {
    std::vector<std::pair<std::string, bool>> names;
    GYRE_TRY(trouble_.around("keepsakes.each_named_blob", [&]() -> Result<void> {
        auto state = state_.lock();
        for (const auto& cache : state->caches) names.emplace_back(cache.entry.blob, true);
        for (const auto& [workspace, layers] : state->layers) {
            for (const auto& [name, layer] : layers) names.emplace_back(layer.blob, true);
        }
        for (const auto& [attempt, records] : state->records) {
            for (const auto& [path, artifact] : records.artifacts) names.emplace_back(artifact.blob, false);
            if (!records.manifest) continue;
            for (const auto& tree : records.manifest->trees) names.emplace_back(tree, true);
        }
        for (const auto& [name, sealed] : state->sealed_outputs) names.emplace_back(sealed.blob, false);
        return {};
    }));
    for (const auto& [name, tree] : names) GYRE_TRY(visit(name, tree));
    return {};
}

Result<std::int64_t> MemoryKeepsakes::release_trees(Timestamp before) {
    return trouble_.around("keepsakes.release_trees", [&]() -> Result<std::int64_t> {
        std::int64_t count = 0;
        auto state = state_.lock();
        for (auto& [attempt, records] : state->records) {
            if (!records.manifest || records.manifest->told_at >= before) continue;
            count += std::ssize(records.manifest->trees);
            records.manifest->trees.clear();
        }
        return count;
    });
}

Result<void> MemoryKeepsakes::add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                                        const WorkspaceLayer& layer) {
    return trouble_.around("keepsakes.add_layer", [&]() -> Result<void> {
        auto kept = layer;
        kept.job = attempt.job;
        kept.task = attempt.task;
        state_.lock()->layers[workspace].insert_or_assign(LayerName{attempt, layer.sequence}, std::move(kept));
        return {};
    });
}

Result<std::vector<WorkspaceLayer>> MemoryKeepsakes::layers(const WorkflowId& workspace,
                                                            const std::vector<JobId>& jobs) {
    return trouble_.around("keepsakes.layers", [&]() -> Result<std::vector<WorkspaceLayer>> {
        std::vector<WorkspaceLayer> found;
        auto state = state_.lock();
        for (const auto& job : jobs) {
            for (const auto& [name, layer] : state->layers[workspace]) {
                const auto& attempt = name.first;
                if (attempt.job == job && attempt.attempt == last_attempt(*state, attempt)) found.push_back(layer);
            }
        }
        return found;
    });
}

}  // namespace gyre::memory
