#pragma once

// Drops the caches that are too many, lets manifests go of what they kept for long, and removes the blobs that no
// record names any more. Safe beside agents that save and servers that sweep the same store: whoever will name a blob
// touches it first, and what was touched within the grace period stays (ports/blob_store.h). An error ends it; what was
// removed before is gone, and nobody named it.
//
// Memory: 32 bytes for each named blob.

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "output/eviction.h"
#include "ports/blob_store.h"
#include "ports/keepsakes.h"

namespace gyre::output {

// With too little free space, manifests keep what they name for so long only.
inline constexpr std::chrono::hours for_replay_when_full{24};

struct SweepRules {
    CacheLimits limits;
    std::int64_t least_free = 0;  // bytes; with fewer free ones, caches go
    std::chrono::seconds grace = std::chrono::hours(24);
    // Manifests of jobs keep what they name for so long; 0: as long as they are kept themselves.
    std::chrono::hours for_replay{0};
};

struct Swept {
    std::int64_t caches = 0;   // dropped
    std::int64_t trees = 0;    // that manifests name no longer
    std::int64_t blobs = 0;    // removed
    std::int64_t bytes = 0;    // of them
    std::int64_t waiting = 0;  // bytes of those that nobody names, and that the grace period keeps
};

// `free_bytes`: of the place where the blobs are; nothing where nobody can tell. `go_on` is asked now and then.
Result<Swept> sweep(Keepsakes& keepsakes, BlobStore& blobs, const SweepRules& rules,
                    const std::function<Result<std::optional<std::int64_t>>()>& free_bytes,
                    const std::function<Result<void>()>& go_on);

}  // namespace gyre::output
