#include "placement/order.h"

#include <algorithm>
#include <tuple>

namespace gyre::placement {
namespace {

Timestamp promotion_of(const WantedTask& task) { return task.promoted_at.value_or(Timestamp::max()); }

auto within_project(const WantedTask& task) {
    return std::tuple(promotion_of(task), task.attempt.attempt <= 1, task.queued_at, task.position, task.attempt.job,
                      -task.attempt.task, task.attempt.attempt);
}

}  // namespace

std::strong_ordering FairQueue::Turn::operator<=>(const Turn& other) const {
    const auto first = std::tie(promoted_at, first_attempt, hungry_since, other.priority) <=>
                       std::tie(other.promoted_at, other.first_attempt, other.hungry_since, priority);
    if (first != 0) return first;
    const auto share = running * other.weight <=> other.running * weight;
    if (share != 0) return share;
    return std::tie(queued_at, position, attempt) <=> std::tie(other.queued_at, other.position, other.attempt);
}

FairQueue::FairQueue(const std::vector<const WantedTask*>& wanted, const std::vector<RunningTask>& running,
                     Timestamp now, const Rules& rules)
    : now_(now), rules_(rules) {
    for (const auto* task : wanted) lines_[task->project].tasks.push_back(task);
    for (const auto& task : running) {
        if (const auto line = lines_.find(task.project); line != lines_.end()) ++line->second.running;
    }
    for (auto& [project, line] : lines_) {
        if (const auto rule = rules.queue.projects.find(project); rule != rules.queue.projects.end()) {
            line.weight = std::clamp(rule->second.rule.weight, 1, most_weight);
            line.priority = rule->second.rule.priority;
        }
        if (const auto known = rules.served.find(project); known != rules.served.end()) line.served = known->second;
        std::ranges::sort(line.tasks, {}, [](const WantedTask* task) { return within_project(*task); });
        enter(line);
    }
}

void FairQueue::enter(Line& line) {
    if (line.gone == line.tasks.size()) return;
    const auto& task = *line.tasks[line.gone];
    const Timestamp hungry = std::max(task.queued_at, line.served);
    const bool starved = now_ - hungry > rules_.starved_after;
    turns_.insert({.promoted_at = promotion_of(task),
                   .first_attempt = task.attempt.attempt <= 1,
                   .hungry_since = starved ? hungry : Timestamp::max(),
                   .priority = line.priority,
                   .running = line.running,
                   .weight = line.weight,
                   .queued_at = task.queued_at,
                   .position = task.position,
                   .attempt = task.attempt,
                   .line = &line});
}

const WantedTask* FairQueue::next() {
    if (current_) enter(*current_);
    current_ = nullptr;
    if (turns_.empty()) return nullptr;
    current_ = turns_.begin()->line;
    turns_.erase(turns_.begin());
    return current_->tasks[current_->gone++];
}

void FairQueue::placed() {
    ++current_->running;
    current_->served = now_;
}

}  // namespace gyre::placement
