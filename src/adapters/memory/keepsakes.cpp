#include "adapters/memory/keepsakes.h"

#include <algorithm>

namespace gyre::memory {

Result<bool> MemoryKeepsakes::add_cache(const ProjectId& project, const CacheEntry& entry) {
    return trouble_.around("keepsakes.add_cache", [&]() -> Result<bool> {
        auto state = state_.lock();
        auto& entries = state->caches[project];
        if (std::ranges::find(entries, entry.key, &CacheEntry::key) != entries.end()) return false;
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

Result<void> MemoryKeepsakes::add_layer(const WorkflowId& workspace, const WorkspaceLayer& layer) {
    return trouble_.around("keepsakes.add_layer", [&]() -> Result<void> {
        const LayerName name{layer.job, layer.task, layer.sequence};
        state_.lock()->layers[workspace].insert_or_assign(name, layer);
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
                if (layer.job == job) found.push_back(layer);
            }
        }
        return found;
    });
}

}  // namespace gyre::memory
