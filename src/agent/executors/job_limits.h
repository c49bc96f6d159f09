#pragma once

// What one job on this host may use, by control groups: its resource class, and how many processes; and the sentences
// when it has met a limit. Not thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/executors/cgroup.h"
#include "model/resource_class.h"

namespace gyre::agent {

// Enough for any build, and few enough for a fork bomb to meet this limit before it meets the one of memory: killing
// for memory, process by process, keeps the whole host busy. `memory_mb` 0: not limited.
int process_limit(const Resources& resources);

class JobLimits {
public:
    // Before anything else. Always succeeds, perhaps with nothing limited.
    void set(std::string_view name, const Resources& resources);

    Cgroup& group() { return group_; }
    UsageMeter usage_meter() const { return UsageMeter(group_.usage()); }
    int most_processes() const { return most_processes_; }
    // For the job's output, what this host does not limit; empty: all is limited.
    std::string not_limited(bool could_not_enter) const;
    // A sentence when a limit was met since the last forget_trouble(); else empty.
    std::string trouble() const;
    void forget_trouble();

private:
    Resources resources_;
    Cgroup group_;
    int most_processes_ = 0;
    std::int64_t known_kills_ = 0;  // of earlier steps
    std::int64_t known_refusals_ = 0;
};

}  // namespace gyre::agent
