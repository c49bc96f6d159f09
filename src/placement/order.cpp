#include "placement/order.h"

#include <algorithm>
#include <tuple>

namespace gyre::placement {
namespace {

auto within_project(const WantedTask& task) {
    return std::tuple(task.attempt.attempt <= 1, task.queued_at, task.position, task.attempt);
}

}  // namespace

std::strong_ordering FairQueue::Turn::operator<=>(const Turn& other) const {
    return std::tie(first_attempt, running, queued_at, position, attempt) <=>
           std::tie(other.first_attempt, other.running, other.queued_at, other.position, other.attempt);
}

FairQueue::FairQueue(const std::vector<const WantedTask*>& wanted, const std::vector<RunningTask>& running) {
    for (const auto* task : wanted) lines_[task->project].tasks.push_back(task);
    for (const auto& task : running) {
        if (const auto line = lines_.find(task.project); line != lines_.end()) ++line->second.running;
    }
    for (auto& [project, line] : lines_) {
        std::ranges::sort(line.tasks, {}, [](const WantedTask* task) { return within_project(*task); });
        enter(line);
    }
}

void FairQueue::enter(Line& line) {
    if (line.gone == line.tasks.size()) return;
    const auto& task = *line.tasks[line.gone];
    turns_.insert({task.attempt.attempt <= 1, line.running, task.queued_at, task.position, task.attempt, &line});
}

const WantedTask* FairQueue::next() {
    if (current_) enter(*current_);
    current_ = nullptr;
    if (turns_.empty()) return nullptr;
    current_ = turns_.begin()->line;
    turns_.erase(turns_.begin());
    return current_->tasks[current_->gone++];
}

}  // namespace gyre::placement
