#include "placement/reason.h"

#include <fmt/format.h>

namespace gyre::placement {
namespace {

// "class 'large' (4 CPUs and 15 GB)", or what it needs alone where the config names no class.
std::string wanted(const std::string& resource_class, const Resources& needed) {
    return resource_class.empty() ? describe(needed) : fmt::format("class '{}', {}", resource_class, describe(needed));
}

std::string tasks(int count) { return fmt::format("{} running {}", count, count == 1 ? "task" : "tasks"); }

// " ('build', 'test' and 3 more)"
std::string named(const std::vector<std::string>& jobs, int running) {
    if (jobs.empty()) return "";
    const int more = running - static_cast<int>(jobs.size());
    return fmt::format(" ('{}'{})", fmt::join(jobs, "', '"), more > 0 ? fmt::format(" and {} more", more) : "");
}

struct Sentence {
    std::string operator()(const NoMachine&) const {
        return "no machine takes tasks now; it starts when a machine joins or stops draining";
    }
    std::string operator()(const LargerThanAnyMachine& reason) const {
        const std::string choose =
            reason.nearest.empty() ? "choose a smaller resource_class"
                                   : fmt::format("choose resource_class '{}' (the largest offered)", reason.nearest);
        return fmt::format("needs {}, but the largest machine has {}; {} or add a larger machine",
                           wanted(reason.resource_class, reason.needed),
                           describe(reason.largest, reason.needed.gpus > 0), choose);
    }
    std::string operator()(const NoCapacity& reason) const {
        return fmt::format(
            "needs {}; machine '{}' has {} free beside {}{}; {}", wanted(reason.resource_class, reason.needed),
            reason.client, describe(reason.free, reason.needed.gpus > 0), tasks(reason.running),
            named(reason.jobs, reason.running),
            reason.held ? "it is kept free of other tasks until this one fits" : "it starts when enough of them end");
    }
    std::string operator()(const HeldForAnother& reason) const {
        return fmt::format(
            "there is room on machine '{}', kept for job '{}', which has waited longer; it starts once that one has "
            "started or more room is free",
            reason.client, reason.job_name);
    }
    std::string operator()(const RetriedLater& reason) const {
        return fmt::format(
            "attempt {} begins at {}: retries after a failure of ours wait, so that what broke has time to heal",
            reason.attempt, to_iso(reason.ready_at));
    }
    std::string operator()(const SerialGroupHeld& reason) const {
        const std::string next = reason.next_job.empty() ? "it is next and starts when that one has ended"
                                                         : fmt::format("next is job '{}' of pipeline {}",
                                                                       reason.next_job, reason.next_pipeline);
        return fmt::format("waits for serial group '{}', held by {}; {}", reason.group, reason.held_by, next);
    }
    std::string operator()(const BehindInSerialGroup& reason) const {
        return fmt::format("waits for serial group '{}', where it is the turn of job '{}' of pipeline {}", reason.group,
                           reason.job_name, reason.pipeline_number);
    }
    std::string operator()(const LimitReached& reason) const {
        if (reason.limit <= 0)
            return fmt::format("{} {} may have no tasks at a time; nothing of it starts until that limit is raised",
                               reason.scope, reason.name);
        return fmt::format(
            "{} {} may have {} at a time and has {}; it starts when one of them ends or the limit is raised",
            reason.scope, reason.name, tasks(reason.limit), reason.running);
    }
};

}  // namespace

std::string explain(const WaitReason& reason) { return std::visit(Sentence{}, reason); }

std::string describe(const Resources& resources, bool tell_gpus) {
    const auto cpus = resources.millicpus / 1000.0;
    const auto memory = resources.memory_mb % 1024 == 0 ? fmt::format("{} GB", resources.memory_mb / 1024)
                                                        : fmt::format("{} MB", resources.memory_mb);
    const auto text = fmt::format("{:g} {}", cpus, resources.millicpus == 1000 ? "CPU" : "CPUs");
    if (!tell_gpus && resources.gpus == 0) return text + " and " + memory;
    return fmt::format("{}, {} and {} {}", text, memory, resources.gpus, resources.gpus == 1 ? "GPU" : "GPUs");
}

}  // namespace gyre::placement
