#pragma once

// What every part of a simulation needs: time, chance, and somebody who takes notes. And how rough it is at the moment.

#include <optional>

#include "simulation/dice.h"
#include "simulation/planted.h"
#include "simulation/timeline.h"
#include "simulation/trace.h"

namespace gyre::simulation {

// So many of a thousand; all 0: nothing goes wrong.
struct Weather {
    int lost = 0;         // messages
    int doubled = 0;      // messages
    int late = 0;         // messages that are overtaken by others
    int store_fails = 0;  // operations of a store: nothing happened, or it did and the answer says otherwise
    int crashes = 0;      // operations of a store before which the server dies
    int agent_dies = 0;   // steps of an agent
    bool disk_full = false;
};

struct Stage {
    Stage(std::uint64_t seed, Tracing tracing, std::optional<Planted> fault)
        : dice(seed), trace(time, tracing), planted(fault) {}

    bool has(Planted fault) const { return planted == fault; }

    Timeline time;
    Dice dice;
    Trace trace;
    Weather weather;
    std::optional<Planted> planted;
    Duration last_trouble{};  // when something went wrong that may hold up the server
    Duration last_commit{};
    bool calm = false;  // nothing goes wrong any more, and everything must come to its end
    bool over = false;  // what is taken apart now is no event any more
};

}  // namespace gyre::simulation
