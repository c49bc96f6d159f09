#include "placement/plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "placement/limits.h"
#include "placement/order.h"
#include "placement/rooms.h"
#include "placement/turns.h"

namespace gyre::placement {
namespace {

// Room only shrinks while a plan is made, so a need that was refused once is refused for the rest of it.
class Round {
public:
    Round(const std::vector<ClientRoom>& clients, const std::vector<RunningTask>& running) : rooms_(clients, running) {}

    std::optional<Place> try_place(const WantedTask& task) {
        if (refused_.contains(task.need)) return std::nullopt;
        const Room* room = rooms_.tightest(task.need);
        if (!room) {
            refused_.insert(task.need);
            return std::nullopt;
        }
        Place place{task.attempt, room->client.name, charge(task.need, room->client)};
        rooms_.take(*room, task.need, task.job_name);
        return place;
    }

    void hold_for(const WantedTask& task) {
        if (holder_) return;
        if (const Room* room = rooms_.roomiest(task.need)) {
            holder_ = &task;
            rooms_.hold(*room);
        }
    }

    // Asked once all tasks had their turn.
    const WaitReason& why(const WantedTask& task) {
        const bool holds = holder_ == &task;
        auto [known, fresh] = reasons_.try_emplace({task.need, task.executor, task.resource_class, holds});
        if (fresh) known->second = reason(task, holds);
        return known->second;
    }

private:
    WaitReason reason(const WantedTask& task, bool holds) const {
        const Resources& need = task.need;
        const auto largest = rooms_.largest();
        if (!largest) return NoMachine{};
        const Room* held = rooms_.held();
        if (!holds && held && held->fits(need)) return HeldForAnother{held->client.name, holder_->job_name};
        const Room* room = holds ? held : rooms_.roomiest(need);
        if (!room) return LargerThanAnyMachine{need, *largest, task.resource_class, nearest(task)};
        const Resources free{std::max(room->free.millicpus, 0), std::max<std::int64_t>(room->free.memory_mb, 0),
                             std::max(room->free.gpus, 0)};
        return NoCapacity{charge(need, room->client), room->client.name, free, room->running, holds,
                          task.resource_class,        room->jobs};
    }

    // The largest class that a machine offers: of those with GPUs where it wants some.
    std::string nearest(const WantedTask& task) const {
        std::string name;
        Resources most;
        for (const auto& offered : task.need.gpus > 0 ? gpu_classes() : resource_classes(task.executor)) {
            if (!rooms_.roomiest(offered.resources) || offered.resources < most) continue;
            most = offered.resources;
            name = offered.name;
        }
        return name;
    }

    Rooms rooms_;
    std::set<Resources> refused_;
    const WantedTask* holder_ = nullptr;
    std::map<std::tuple<Resources, ExecutorKind, std::string, bool>, WaitReason> reasons_;
};

// Those that wait for a limit, in the order of their turns.
class UsageQueue {
public:
    void add(const WantedTask& task, LimitReached reason) {
        const int ahead = waiting_at_[{reason.scope, reason.name}]++;
        waiting_.push_back({task.attempt, std::move(reason), ahead});
    }
    const std::vector<Waiting>& waiting() const { return waiting_; }

private:
    std::map<std::pair<std::string, std::string>, int> waiting_at_;
    std::vector<Waiting> waiting_;
};

// Divides the tasks into those that may have a machine now, and the others, which are told why not.
std::vector<const WantedTask*> divide(const std::vector<WantedTask>& wanted, const std::vector<ClientRoom>& clients,
                                      Timestamp now, Placement& placement) {
    const Rooms empty(clients, {});
    auto turns = take_turns(wanted, now, [&](const Resources& need) { return empty.roomiest(need) != nullptr; });
    placement.next_ready = turns.next_ready;
    placement.waiting = std::move(turns.waiting);
    std::vector<const WantedTask*> free;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (turns.may_go[i]) free.push_back(&wanted[i]);
    }
    return free;
}

}  // namespace

Placement place(const std::vector<WantedTask>& wanted, const std::vector<RunningTask>& running,
                const std::vector<ClientRoom>& clients, Timestamp now, const Rules& rules) {
    Placement placement;
    FairQueue queue(divide(wanted, clients, now, placement), running, now, rules);
    const auto later = std::exchange(placement.waiting, {});
    Round round(clients, running);
    Limits limits(rules.queue, running);
    UsageQueue usage;
    std::vector<const WantedTask*> left;
    while (const WantedTask* task = queue.next()) {
        if (auto reached = limits.reached(task->project)) {
            usage.add(*task, std::move(*reached));
        } else if (auto place = round.try_place(*task)) {
            placement.places.push_back(std::move(*place));
            queue.placed();
            limits.started(task->project);
        } else {
            left.push_back(task);
            if (now - task->queued_at > rules.hold_after) round.hold_for(*task);
        }
    }
    for (const auto* task : left) {
        const int ahead = static_cast<int>(placement.waiting.size());
        placement.waiting.push_back({task->attempt, round.why(*task), ahead});
    }
    placement.waiting.insert(placement.waiting.end(), usage.waiting().begin(), usage.waiting().end());
    placement.waiting.insert(placement.waiting.end(), later.begin(), later.end());
    return placement;
}

}  // namespace gyre::placement
