#include "placement/turns.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "model/serial_hold.h"

namespace gyre::placement {
namespace {

bool is_ready(const WantedTask& task, Timestamp now) {
    return !task.ready_at || *task.ready_at <= now || *task.ready_at > now + longest_retry_wait;
}

auto within_project(const WantedTask& task) {
    return std::tuple(task.pipeline_number, task.queued_at, task.position, task.attempt);
}

struct Waiter {
    std::size_t index;  // among the wanted ones
    const WantedTask* task;
};

// The waiters of one project in a group's line: those of the oldest pipeline first, those of one holder together.
class OfProject {
public:
    void add(std::size_t index, const WantedTask& task) {
        waiters_.push_back({index, &task});
        const auto [known, fresh] = first_of_.try_emplace(task.holder, &task);
        if (!fresh && within_project(task) < within_project(*known->second)) known->second = &task;
    }
    void sort() {
        std::ranges::sort(waiters_, {}, [this](const Waiter& waiter) {
            return std::pair(within_project(*first_of_.at(waiter.task->holder)), within_project(*waiter.task));
        });
        since_.assign(waiters_.size(), Timestamp::max());
        for (std::size_t i = waiters_.size(); i-- > 0;) {
            since_[i] = waiters_[i].task->queued_at;
            if (i + 1 < since_.size()) since_[i] = std::min(since_[i], since_[i + 1]);
        }
    }
    bool empty() const { return gone_ == waiters_.size(); }
    // Since when somebody of them waits who has not been taken.
    Timestamp since() const { return since_[gone_]; }
    // Those of the next holder.
    void take(std::vector<Waiter>& to) {
        const std::string& holder = waiters_[gone_].task->holder;
        while (!empty() && waiters_[gone_].task->holder == holder) to.push_back(waiters_[gone_++]);
    }

private:
    std::vector<Waiter> waiters_;
    std::map<std::string, const WantedTask*> first_of_;  // of each holder
    std::vector<Timestamp> since_;
    std::size_t gone_ = 0;
};

// Those who wait for one group and do not hold it.
class Line {
public:
    void add(std::size_t index, const WantedTask& task) { projects_[task.project].add(index, task); }
    // As they get it, if nobody else comes.
    std::vector<Waiter> in_order() {
        std::set<std::pair<Timestamp, ProjectId>> next;
        for (auto& [id, project] : projects_) {
            project.sort();
            next.emplace(project.since(), id);
        }
        std::vector<Waiter> ordered;
        while (!next.empty()) {
            const ProjectId id = next.begin()->second;
            next.erase(next.begin());
            auto& project = projects_.at(id);
            project.take(ordered);
            if (!project.empty()) next.emplace(project.since(), id);
        }
        return ordered;
    }

private:
    std::map<ProjectId, OfProject> projects_;
};

std::optional<WaitReason> why_not(const WantedTask& task, const WantedTask& first) {
    const std::string group(serial_group_name(task.serial_group));
    const bool next = first.holder == task.holder;
    if (task.held_as.empty() && next) return std::nullopt;
    if (task.held_as.empty()) return BehindInSerialGroup{group, first.job_name, first.pipeline_number};
    if (next) return SerialGroupHeld{.group = group, .held_by = task.held_by};
    return SerialGroupHeld{group, task.held_by, first.job_name, first.pipeline_number};
}

// One for each group, of those that begin with who has waited longest before the others.
std::vector<std::vector<Waiter>> lines_of(const std::vector<WantedTask>& wanted, const CouldEverRun& could_ever_run) {
    std::map<std::string, Line> groups;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& task = wanted[i];
        const bool waits = !task.serial_group.empty() && (task.held_as.empty() || task.held_as != task.holder);
        if (waits && could_ever_run(task.need)) groups[task.serial_group].add(i, task);
    }
    std::vector<std::vector<Waiter>> lines;
    for (auto& [group, line] : groups) lines.push_back(line.in_order());
    std::ranges::stable_sort(lines, {}, [](const auto& line) { return line.front().task->queued_at; });
    return lines;
}

// Those whose time has not come, the first of them first.
std::vector<std::size_t> retries(const std::vector<WantedTask>& wanted, Timestamp now) {
    std::vector<std::size_t> later;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!is_ready(wanted[i], now)) later.push_back(i);
    }
    std::ranges::sort(later, {}, [&](std::size_t i) { return std::pair(*wanted[i].ready_at, wanted[i].attempt); });
    return later;
}

WaitReason retried_later(const WantedTask& task) { return RetriedLater{task.attempt.attempt, *task.ready_at}; }

}  // namespace

Turns take_turns(const std::vector<WantedTask>& wanted, Timestamp now, const CouldEverRun& could_ever_run) {
    Turns turns;
    turns.may_go.assign(wanted.size(), true);
    const auto wait = [&](std::size_t i, WaitReason reason, int ahead) {
        turns.may_go[i] = false;
        turns.waiting.push_back({wanted[i].attempt, std::move(reason), ahead});
    };
    for (const auto& line : lines_of(wanted, could_ever_run)) {
        for (int ahead = 0; const auto& [i, task] : line) {
            const auto reason = is_ready(*task, now) ? why_not(*task, *line.front().task) : retried_later(*task);
            if (reason) wait(i, *reason, ahead);
            ++ahead;
        }
    }
    const auto later = retries(wanted, now);
    if (!later.empty()) turns.next_ready = wanted[later.front()].ready_at;
    for (const std::size_t i : later) {
        if (turns.may_go[i]) wait(i, retried_later(wanted[i]), 0);
    }
    return turns;
}

}  // namespace gyre::placement
