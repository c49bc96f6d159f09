#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/keepsakes.h"

namespace gyre::memory {

class MemoryKeepsakes final : public Keepsakes {
public:
    MemoryKeepsakes(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<bool> add_cache(const CacheScope& scope, const CacheEntry& entry) override;
    Result<std::optional<CacheEntry>> find_cache(const CacheScope& scope,
                                                 const std::vector<std::string>& keys) override;
    Result<void> note_use(const CacheScope& scope, const std::string& key, Timestamp at) override;
    Result<void> each_cache(const std::function<Result<void>(const KeptCache&)>& visit) override;
    Result<bool> drop_cache(const KeptCache& cache) override;
    Result<bool> forget_cache(const CacheScope& scope, const std::string& key, const std::string& blob) override;
    Result<void> each_named_blob(
        const std::function<Result<void>(const std::string& sha256, bool tree)>& visit) override;
    Result<std::int64_t> release_trees(Timestamp before) override;
    Result<void> add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                           const WorkspaceLayer& layer) override;
    Result<std::vector<WorkspaceLayer>> layers(const WorkflowId& workspace, const std::vector<JobId>& jobs) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
