#include "output/eviction.h"

#include <map>

namespace gyre::output {

std::vector<KeptCache> caches_to_drop(const std::vector<KeptCache>& caches, const CacheLimits& limits,
                                      std::int64_t to_free) {
    std::map<ProjectId, std::int64_t> of_projects;
    std::int64_t in_all = 0;
    for (const auto& cache : caches) {
        of_projects[cache.scope.project] += cache.size;
        in_all += cache.size;
    }
    std::vector<KeptCache> dropped;
    for (const auto& cache : caches) {
        auto& of_project = of_projects[cache.scope.project];
        const bool too_many =
            (limits.of_project > 0 && of_project > limits.of_project) || (limits.in_all > 0 && in_all > limits.in_all);
        if (!too_many && (to_free <= 0 || cache.held)) continue;
        of_project -= cache.size;
        in_all -= cache.size;
        if (!cache.held) to_free -= cache.size;
        dropped.push_back(cache);
    }
    return dropped;
}

}  // namespace gyre::output
