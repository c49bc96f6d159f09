#pragma once

#include "adapters/sql/connections.h"
#include "ports/keepsakes.h"

namespace gyre::sql {

class SqlKeepsakes final : public Keepsakes {
public:
    explicit SqlKeepsakes(Connections& connections) : connections_(connections) {}

    Result<bool> add_cache(const ProjectId& project, const CacheEntry& entry) override;
    Result<std::optional<CacheEntry>> find_cache(const ProjectId& project,
                                                 const std::vector<std::string>& keys) override;
    Result<void> add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                           const WorkspaceLayer& layer) override;
    Result<std::vector<WorkspaceLayer>> layers(const WorkflowId& workspace, const std::vector<JobId>& jobs) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
