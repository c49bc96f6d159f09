#pragma once

// Which caches go when there are too many: those used the longest time ago. Pure.

#include <cstdint>
#include <vector>

#include "ports/keepsakes.h"

namespace gyre::output {

// In bytes of the caches' chunks; what caches share is counted for each. 0: no limit.
struct CacheLimits {
    std::int64_t of_project = 0;  // its forks included
    std::int64_t in_all = 0;
};

// In the order in which they go. `caches`: used the longest time ago first. `to_free`: so much goes, whatever the
// limits allow, of caches that are not held; one may free less than its size.
std::vector<KeptCache> caches_to_drop(const std::vector<KeptCache>& caches, const CacheLimits& limits,
                                      std::int64_t to_free);

}  // namespace gyre::output
