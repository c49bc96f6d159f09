#include "placement/turns.h"

#include <algorithm>
#include <map>
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

// Those who wait for one group that nobody holds.
class Line {
public:
    void add(const WantedTask& task) {
        auto [known, fresh] = projects_.try_emplace(task.project, Waiters{task.queued_at, &task});
        if (fresh) return;
        known->second.since = std::min(known->second.since, task.queued_at);
        if (within_project(task) < within_project(*known->second.first)) known->second.first = &task;
    }
    const WantedTask& first() const {
        return *std::ranges::min_element(projects_, {}, [](const auto& each) {
                    return std::pair(each.second.since, each.first);
                })->second.first;
    }

private:
    struct Waiters {
        Timestamp since;
        const WantedTask* first;
    };
    std::map<ProjectId, Waiters> projects_;
};

std::optional<WaitReason> why_not(const WantedTask& task, const std::map<std::string, Line>& lines) {
    const std::string group(serial_group_name(task.serial_group));
    if (!task.held_as.empty() && task.held_as != task.holder) return SerialGroupHeld{group, task.held_by};
    const auto line = lines.find(task.serial_group);
    if (line == lines.end()) return std::nullopt;
    const WantedTask& first = line->second.first();
    if (first.holder == task.holder) return std::nullopt;
    return BehindInSerialGroup{group, first.job_name, first.pipeline_number};
}

}  // namespace

Turns take_turns(const std::vector<WantedTask>& wanted, Timestamp now,
                 const std::function<bool(const Resources&)>& could_ever_run) {
    Turns turns;
    turns.waits.resize(wanted.size());
    std::map<std::string, Line> lines;
    for (const auto& task : wanted) {
        if (task.serial_group.empty() || !task.held_as.empty() || !could_ever_run(task.need)) continue;
        lines[task.serial_group].add(task);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& task = wanted[i];
        if (!is_ready(task, now)) {
            turns.waits[i] = RetriedLater{task.attempt.attempt, *task.ready_at};
            turns.next_ready = std::min(turns.next_ready.value_or(*task.ready_at), *task.ready_at);
        } else if (!task.serial_group.empty() && could_ever_run(task.need)) {
            turns.waits[i] = why_not(task, lines);
        }
    }
    return turns;
}

}  // namespace gyre::placement
