#pragma once

// The disk below all servers' stores. A crash of its machine takes what was not durable yet.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/memory/state.h"
#include "base/clock.h"

namespace gyre::simulation {

struct Disk {
    memory::SharedState state;
    std::map<std::string, Duration> servers;                    // when each was heard last
    std::vector<std::function<void(memory::State&)>> unsynced;  // undoes what a planted fault has not synced

    void lose_power() {
        auto held = state.lock();
        held->lose_power();
        while (!unsynced.empty()) {
            unsynced.back()(*held);
            unsynced.pop_back();
        }
    }
};

}  // namespace gyre::simulation
