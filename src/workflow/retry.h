#pragma once

// Our failure is not the user's failure: an attempt that ended through infrastructure is made again by itself, up to a
// limit. What the job's own steps did is never repeated here, and nothing is repeated after somebody canceled.
//
// A retry waits a while, longer each time: an agent that dies at once, a full disk or a registry that is away would use
// the retries up within a second, and a machine in trouble would be kept busy with starting jobs. The waits are short
// beside a job's own time and always the same, so that a run can be foretold.

#include <algorithm>
#include <array>
#include <chrono>

#include "model/workflow.h"

namespace gyre::workflow {

inline constexpr std::array<Duration, 3> retry_waits{std::chrono::seconds{1}, std::chrono::seconds{5},
                                                     std::chrono::seconds{15}};
inline constexpr int max_infrastructure_retries = std::ssize(retry_waits);  // a task: at most 4 attempts

// Towards the limit: all but those that an administrator ended.
inline std::ptrdiff_t attempts_that_count(const Task& task) {
    return std::ranges::count_if(task.attempts, [](const Attempt& attempt) {
        const auto* failure = attempt.outcome ? std::get_if<InfrastructureFailed>(&*attempt.outcome) : nullptr;
        return !failure || failure->counts;
    });
}

// May a task whose last attempt ended with this outcome go back to the queue? Only such outcomes lead to another
// attempt, so the number of attempts made is the number of infrastructure failures so far.
inline bool may_retry(const Task& task, const Outcome& outcome) {
    const auto* failure = std::get_if<InfrastructureFailed>(&outcome);
    return failure && failure->retryable && attempts_that_count(task) <= max_infrastructure_retries;
}

// How long a task waits after so many attempts that count.
inline Duration retry_wait(std::ptrdiff_t attempts) {
    return retry_waits[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(attempts, 1, retry_waits.size()) - 1)];
}

}  // namespace gyre::workflow
