#pragma once

// The index of caches and workspaces: which blob stands under which key or layer. The bytes are in the BlobStore.
// Thread-safe.
//
// Caches belong to a project and are immutable: add() of an existing key stores nothing, and answers whether this key
// holds this blob (so that a call that comes again hears the same). find() tries the keys in order; each matches every
// stored key it is a prefix of, and the most recently created match wins (config-language.md section 6). Workspace
// layers belong to the workspace of a workflow (kept across reruns).

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/records.h"

namespace gyre {

class Keepsakes {
public:
    virtual ~Keepsakes() = default;
    virtual Result<bool> add_cache(const ProjectId& project, const CacheEntry& entry) = 0;
    virtual Result<std::optional<CacheEntry>> find_cache(const ProjectId& project,
                                                         const std::vector<std::string>& keys) = 0;
    // By (attempt, sequence). The layer's job and task are those of the attempt.
    virtual Result<void> add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                                   const WorkspaceLayer& layer) = 0;
    // The layers of these jobs (a job may come from an earlier run of the workflow), in the order of `jobs`, then by
    // task and sequence. Only those of each task's last attempt: what a lost one had stored is not mixed with the rest.
    virtual Result<std::vector<WorkspaceLayer>> layers(const WorkflowId& workspace, const std::vector<JobId>& jobs) = 0;
};

}  // namespace gyre
