#pragma once

// What a plan is made by, besides tasks and machines.

#include <chrono>
#include <map>

#include "base/clock.h"
#include "model/queue_rules.h"

namespace gyre::placement {

struct Rules {
    Duration hold_after = std::chrono::minutes(5);      // see plan.h
    Duration starved_after = std::chrono::minutes(10);  // see order.h
    QueueRules queue = {};
    std::map<ProjectId, Timestamp> served = {};  // when each project got a machine last, as far as anybody knows
};

}  // namespace gyre::placement
