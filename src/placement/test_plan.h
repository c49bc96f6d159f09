#pragma once

// For placement's tests: what a plan says, by the names of jobs.

#include <algorithm>
#include <string>
#include <vector>

#include "placement/plan.h"

namespace gyre::placement {

inline std::vector<std::string> names_of_placed(const Placement& plan) {
    std::vector<std::string> names;
    for (const auto& one : plan.places) names.push_back(one.attempt.job.text);
    return names;
}

inline std::string why_waits(const Placement& plan, const std::string& job) {
    const auto waits = std::ranges::find(plan.waiting, job,
                                         [](const Waiting& one) -> const std::string& { return one.attempt.job.text; });
    return waits == plan.waiting.end() ? "does not wait" : explain(waits->reason);
}

}  // namespace gyre::placement
