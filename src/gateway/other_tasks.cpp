#include "gateway/other_tasks.h"

namespace gyre::gateway {
namespace {

// A task that was canceled before it had a machine has no attempt.
bool ended_well(const Task& task) {
    return !task.attempts.empty() && task.attempts.back().outcome &&
           std::holds_alternative<Succeeded>(*task.attempts.back().outcome);
}

}  // namespace

wire::OtherTasks other_tasks(const WorkflowJob& job, int task) {
    wire::OtherTasks others;
    for (const auto& other : job.tasks) {
        if (other.index == task) continue;
        switch (other.status) {
            case TaskStatus::waiting:
            case TaskStatus::queued:
                ++others.queued;
                break;
            case TaskStatus::placed:
            case TaskStatus::running:
                ++others.running;
                break;
            case TaskStatus::finished:
                if (!ended_well(other)) others.failed.push_back(other.index);
                break;
        }
    }
    return others;
}

}  // namespace gyre::gateway
