#include "adapters/memory/keepsakes.h"

#include <algorithm>

namespace gyre::memory {
namespace {

// Of that attempt's task; 0 when the task is not known.
int last_attempt(const State& state, const AttemptRef& of) {
    const auto* job = state.find_job(of.job);
    if (!job) return 0;
    const auto task = std::ranges::find(job->tasks, of.task, &Task::index);
    return task == job->tasks.end() || task->attempts.empty() ? 0 : task->attempts.back().number;
}

}  // namespace

Result<bool> MemoryKeepsakes::add_cache(const ProjectId& project, const CacheEntry& entry) {
    return trouble_.around("keepsakes.add_cache", [&]() -> Result<bool> {
        auto state = state_.lock();
        auto& entries = state->caches[project];
        const auto there = std::ranges::find(entries, entry.key, &CacheEntry::key);
        if (there != entries.end()) return there->blob == entry.blob;
        entries.push_back(entry);
        return true;
    });
}

Result<std::optional<CacheEntry>> MemoryKeepsakes::find_cache(const ProjectId& project,
                                                              const std::vector<std::string>& keys) {
    return trouble_.around("keepsakes.find_cache", [&]() -> Result<std::optional<CacheEntry>> {
        auto state = state_.lock();
        for (const auto& key : keys) {
            const CacheEntry* newest = nullptr;
            for (const auto& entry : state->caches[project]) {
                if (!entry.key.starts_with(key)) continue;
                if (!newest || entry.created_at >= newest->created_at) newest = &entry;
            }
            if (newest) return std::optional(*newest);
        }
        return std::optional<CacheEntry>();
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
