#pragma once

// What is made again without anybody asking: attempts of tasks, and whole workflows. The rules of retries are
// workflow/retry.h's; what is said here is asked by those who show it, too.

#include <algorithm>
#include <string>

#include "model/workflow.h"

namespace gyre {

// Why the attempt with this number (from 2) was made, for people: what the one before it died of. Empty: it is the
// first.
inline std::string retried_after(const Task& task, int number) {
    if (number < 2 || number - 1 > std::ssize(task.attempts)) return {};
    const auto& before = task.attempts[static_cast<std::size_t>(number) - 2].outcome;
    const auto* failure = before ? std::get_if<InfrastructureFailed>(&*before) : nullptr;
    return failure ? failure->reason : std::string();
}

// Is it rerun from failed by itself? Never after somebody canceled, nor a run that somebody asked for (it has no limit
// of its own: max_auto_reruns is 0).
inline bool reruns_by_itself(const Workflow& ended) {
    const auto canceled = [](const WorkflowJob& job) { return !job.canceled_by.empty(); };
    return ended.status == WorkflowStatus::failed && ended.auto_reruns < ended.max_auto_reruns &&
           ended.canceled_by.empty() && std::ranges::none_of(ended.jobs, canceled);
}

}  // namespace gyre
