#include "adapters/local/capacity.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>

namespace gyre::adapters {

Resources machine_resources() {
    cpu_set_t allowed;
    const int cpus = sched_getaffinity(0, sizeof allowed, &allowed) == 0
                         ? CPU_COUNT(&allowed)
                         : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    const auto bytes = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
    return {std::max(1, cpus) * 1000, bytes / (1 << 20)};
}

Resources offered_resources(const Resources& machine, const Resources& reserve) {
    const Resources offered = machine - reserve;
    return {std::max(1000, offered.millicpus), std::max<std::int64_t>(512, offered.memory_mb)};
}

}  // namespace gyre::adapters
