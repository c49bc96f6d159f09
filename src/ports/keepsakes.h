#pragma once

// The index of caches and workspaces: which blob stands under which key or layer. The bytes are in the BlobStore.
// Thread-safe.
//
// Caches belong to a project and are immutable: add() of an existing key stores nothing, and answers whether this key
// holds this blob (so that a call that comes again hears the same). find() tries the keys in order; each matches every
// stored key it is a prefix of, and the most recently created match wins (config-language.md section 6). Workspace
// layers belong to the workspace of a workflow (kept across reruns).

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/records.h"

namespace gyre {

// Whose caches. Builds of the project's own commits see and store the project's; builds of a fork's commits see these,
// too, and store the fork's, which nobody else sees.
struct CacheScope {
    CacheScope(ProjectId of, std::string by = {}) : project(std::move(of)), fork(std::move(by)) {}  // NOLINT: implicit
    ProjectId project;
    std::string fork;  // empty: the project's own
    auto operator<=>(const CacheScope&) const = default;
};

// A cache as it is looked through when there are too many.
struct KeptCache {
    CacheScope scope;
    std::string key;
    std::string blob;
    std::int64_t size = 0;
    Timestamp used_at{};  // stored or found last
    bool held = false;    // a manifest names its blob, too: dropping the cache frees nothing for now
};

class Keepsakes {
public:
    virtual ~Keepsakes() = default;
    virtual Result<bool> add_cache(const CacheScope& scope, const CacheEntry& entry) = 0;
    virtual Result<std::optional<CacheEntry>> find_cache(const CacheScope& scope,
                                                         const std::vector<std::string>& keys) = 0;
    // A cache that find_cache() found there was used; never moves the time back.
    virtual Result<void> note_use(const CacheScope& scope, const std::string& key, Timestamp at) = 0;
    // All of all projects, the one used the longest time ago first.
    virtual Result<void> each_cache(const std::function<Result<void>(const KeptCache&)>& visit) = 0;
    // False, and nothing done, when it has been used since, or holds another blob.
    virtual Result<bool> drop_cache(const KeptCache& cache) = 0;
    // The same, whoever used it since: its bytes are lost. False, and nothing done, when it holds another blob.
    virtual Result<bool> forget_cache(const CacheScope& scope, const std::string& key, const std::string& blob) = 0;
    // Every blob that any record names, some more than once; `tree`: a cache or a layer, perhaps a list of chunks. So
    // do manifests, until their trees are released.
    virtual Result<void> each_named_blob(
        const std::function<Result<void>(const std::string& sha256, bool tree)>& visit) = 0;
    // The trees of manifests that were told before `before` are named by them no longer. Answers how many went.
    virtual Result<std::int64_t> release_trees(Timestamp before) = 0;
    // By (attempt, sequence). The layer's job and task are those of the attempt.
    virtual Result<void> add_layer(const WorkflowId& workspace, const AttemptRef& attempt,
                                   const WorkspaceLayer& layer) = 0;
    // The layers of these jobs (a job may come from an earlier run of the workflow), in the order of `jobs`, then by
    // task and sequence. Only those of each task's last attempt: what a lost one had stored is not mixed with the rest.
    virtual Result<std::vector<WorkspaceLayer>> layers(const WorkflowId& workspace, const std::vector<JobId>& jobs) = 0;
};

}  // namespace gyre
