#pragma once

// Our failure is not the user's failure: an attempt that ended through infrastructure is made again by itself, up to a
// limit. What the job's own steps did is never repeated here, and nothing is repeated after somebody canceled.

#include "model/workflow.h"

namespace gyre::workflow {

inline constexpr int max_infrastructure_retries = 3;  // a task: at most 4 attempts

// May a task whose last attempt ended with this outcome go back to the queue? Only such outcomes lead to another
// attempt, so the number of attempts made is the number of infrastructure failures so far.
inline bool may_retry(const Task& task, const Outcome& outcome) {
    const auto* failure = std::get_if<InfrastructureFailed>(&outcome);
    return failure && failure->retryable && std::ssize(task.attempts) <= max_infrastructure_retries;
}

}  // namespace gyre::workflow
