#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/keepsakes.h"

namespace gyre::memory {

class MemoryKeepsakes final : public Keepsakes {
public:
    MemoryKeepsakes(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<bool> add_cache(const ProjectId& project, const CacheEntry& entry) override;
    Result<std::optional<CacheEntry>> find_cache(const ProjectId& project,
                                                 const std::vector<std::string>& keys) override;
    Result<void> add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                           const WorkspaceLayer& layer) override;
    Result<std::vector<WorkspaceLayer>> layers(const WorkflowId& workspace, const std::vector<JobId>& jobs) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
