#include "agent/executors/job_limits.h"

#include <algorithm>

namespace gyre::agent {

int process_limit(const Resources& resources) {
    constexpr std::int64_t most = 4096;
    if (resources.memory_mb <= 0) return most;
    return static_cast<int>(std::clamp<std::int64_t>(resources.memory_mb * 2, 512, most));
}

void JobLimits::set(std::string_view name, const Resources& resources) {
    resources_ = resources;
    most_processes_ = process_limit(resources);
    group_ = Cgroup::make(name, {resources.memory_mb << 20, resources.millicpus, most_processes_});
}

std::string JobLimits::not_limited(bool could_not_enter) const {
    std::string missing = could_not_enter ? "some of the job's resources (it could not enter its control group)" : "";
    for (const auto& name : group_.missing()) missing += (missing.empty() ? "" : ", ") + name;
    if (missing.empty()) return "";
    return "Not limited here, because this host gives the agent no control group for it: " + missing + ".";
}

std::string JobLimits::trouble() const {
    const auto killed = group_.oom_kills() - known_kills_;
    if (killed > 0) {
        return "out of memory: the limit of " + std::to_string(resources_.memory_mb) + " MB was reached, and " +
               std::to_string(killed) + (killed == 1 ? " process was" : " processes were") +
               " killed; a larger resource_class has more";
    }
    if (group_.processes_refused() > known_refusals_)
        return "the limit of " + std::to_string(most_processes_) + " processes was reached";
    return "";
}

void JobLimits::forget_trouble() {
    known_kills_ = group_.oom_kills();
    known_refusals_ = group_.processes_refused();
}

}  // namespace gyre::agent
