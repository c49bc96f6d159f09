#include "workflow/verdict.h"

#include <algorithm>
#include <array>

namespace gyre::workflow {
namespace {

constexpr std::array by_severity{JobStatus::success, JobStatus::failed, JobStatus::timedout,
                                 JobStatus::infrastructure_fail, JobStatus::canceled};

std::size_t severity(JobStatus status) {
    return static_cast<std::size_t>(std::ranges::find(by_severity, status) - by_severity.begin());
}

struct Judge {
    const Task& task;

    Verdict operator()(const Succeeded&) const { return {JobStatus::success, {}}; }
    Verdict operator()(const Failed& end) const { return {JobStatus::failed, end.reason}; }
    Verdict operator()(const TimedOut& end) const { return {JobStatus::timedout, end.reason}; }
    Verdict operator()(const Canceled&) const { return {JobStatus::canceled, "the agent stopped it"}; }
    Verdict operator()(const InfrastructureFailed& end) const {
        const auto tries = task.attempts.size();
        if (tries == 1) return {JobStatus::infrastructure_fail, end.reason};
        return {JobStatus::infrastructure_fail, end.reason + " (attempt " + std::to_string(tries) + ", the last)"};
    }
};

}  // namespace

Verdict verdict(const WorkflowJob& job) {
    Verdict worst;
    for (const auto& task : job.tasks) {
        if (task.attempts.empty() || !task.attempts.back().outcome) continue;
        auto judged = std::visit(Judge{task}, *task.attempts.back().outcome);
        if (severity(judged.status) <= severity(worst.status)) continue;
        worst = std::move(judged);
        if (job.tasks.size() > 1) worst.reason = "task " + std::to_string(task.index) + ": " + worst.reason;
    }
    return worst;
}

}  // namespace gyre::workflow
