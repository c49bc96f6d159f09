#include "placement/rooms.h"

#include <algorithm>
#include <tuple>

namespace gyre::placement {
namespace {

constexpr std::size_t most_named = 3;  // jobs of a machine that are told to those who wait for it

}  // namespace

Resources charge(const Resources& need, const ClientRoom& client) {
    if (!client.clamp) return need;
    return {std::min(need.millicpus, client.total.millicpus), std::min(need.memory_mb, client.total.memory_mb),
            need.gpus};
}

bool Room::could_ever_hold(const Resources& need) const { return charge(need, client).fits_in(client.total); }

bool Room::fits(const Resources& need) const { return charge(need, client).fits_in(free); }

Rooms::Rooms(const std::vector<ClientRoom>& clients, const std::vector<RunningTask>& running) {
    for (const auto& client : clients) {
        if (client.accepts) rooms_.push_back({client, client.total});
    }
    std::ranges::sort(rooms_, {}, [](const Room& room) { return room.client.name; });
    for (const auto& task : running) {
        const auto room =
            std::ranges::lower_bound(rooms_, task.client, {}, [](const Room& each) { return each.client.name; });
        if (room != rooms_.end() && room->client.name == task.client) take(*room, task.need, task.job_name);
    }
}

const Room* Rooms::tightest(const Resources& need) const {
    const Room* best = nullptr;
    for (const auto& room : rooms_) {
        if (room.held || !room.fits(need)) continue;
        const auto left = room.free - charge(need, room.client);
        if (!best || left < best->free - charge(need, best->client)) best = &room;
    }
    return best;
}

void Rooms::take(const Room& room, const Resources& need, const std::string& job_name) {
    auto& taken = rooms_[static_cast<std::size_t>(&room - rooms_.data())];
    taken.free = taken.free - charge(need, taken.client);
    ++taken.running;
    if (!job_name.empty() && taken.jobs.size() < most_named) taken.jobs.push_back(job_name);
}

const Room* Rooms::roomiest(const Resources& need) const {
    const Room* best = nullptr;
    for (const auto& room : rooms_) {
        if (room.could_ever_hold(need) && (!best || best->free < room.free)) best = &room;
    }
    return best;
}

void Rooms::hold(const Room& room) { rooms_[static_cast<std::size_t>(&room - rooms_.data())].held = true; }

const Room* Rooms::held() const {
    const auto room = std::ranges::find(rooms_, true, &Room::held);
    return room == rooms_.end() ? nullptr : &*room;
}

std::optional<Resources> Rooms::largest() const {
    if (rooms_.empty()) return std::nullopt;
    return std::ranges::max(rooms_, {}, [](const Room& room) { return room.client.total; }).client.total;
}

}  // namespace gyre::placement
