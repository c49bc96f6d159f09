#include "placement/reason.h"

#include <fmt/format.h>

namespace gyre::placement {
namespace {

struct Sentence {
    std::string operator()(const NoMachine&) const {
        return "no machine takes tasks now; it starts when a machine joins or stops draining";
    }
    std::string operator()(const LargerThanAnyMachine& reason) const {
        return fmt::format(
            "needs {}, but the largest machine has {}; choose a smaller resource_class or add a larger machine",
            describe(reason.needed), describe(reason.largest));
    }
    std::string operator()(const NoCapacity& reason) const {
        return fmt::format(
            "needs {}; machine '{}' has {} free beside {} running {}; {}", describe(reason.needed), reason.client,
            describe(reason.free), reason.running, reason.running == 1 ? "task" : "tasks",
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
        return fmt::format("waits for serial group '{}', held by {}; it starts when that one has ended", reason.group,
                           reason.held_by);
    }
    std::string operator()(const BehindInSerialGroup& reason) const {
        return fmt::format("waits for serial group '{}', where it is the turn of job '{}' of pipeline {}", reason.group,
                           reason.job_name, reason.pipeline_number);
    }
};

}  // namespace

std::string explain(const WaitReason& reason) { return std::visit(Sentence{}, reason); }

std::string describe(const Resources& resources) {
    const auto cpus = resources.millicpus / 1000.0;
    const auto memory = resources.memory_mb % 1024 == 0 ? fmt::format("{} GB", resources.memory_mb / 1024)
                                                        : fmt::format("{} MB", resources.memory_mb);
    return fmt::format("{:g} {} and {}", cpus, resources.millicpus == 1000 ? "CPU" : "CPUs", memory);
}

}  // namespace gyre::placement
