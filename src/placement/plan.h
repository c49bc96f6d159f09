#pragma once

// Which waiting task goes to which machine now, and why each of the others waits. Pure and deterministic: the result
// depends on the values given, not on the order of the lists.
//
//  * Order: order.h. Machine: rooms.h. What may not have one yet: turns.h.
//  * No client is ever given more than its total.
//  * A smaller task may pass a larger one that does not fit yet: no task waits that fits beside what runs ...
//  * ... with one exception, so that a large task is not passed for ever: the first task in the order that has waited
//    longer than Rules::hold_after and fits nowhere holds the roomiest client that could take it; tasks later in the
//    order are not placed there. One client at a time is held, and only for as long as that task waits; the next plan
//    decides anew.
//  * What is over a limit (limits.h) waits in the usage queue: it takes no part in the above.

#include <vector>

#include "placement/needs.h"
#include "placement/reason.h"
#include "placement/rules.h"

namespace gyre::placement {

struct Place {
    AttemptRef attempt;
    std::string client;
    Resources granted;  // the need, or less where the client clamps (ClientRoom::clamp): the limits to run it under
    bool operator==(const Place&) const = default;
};

struct Placement {
    std::vector<Place> places;     // in the order
    std::vector<Waiting> waiting;  // in the order; every wanted task is in exactly one of the two. Then come those
                                   // over a limit, and last those that may not have a machine yet
    std::optional<Timestamp> next_ready;  // when some of these may, though nothing happens until then
    bool operator==(const Placement&) const = default;
};

// Each wanted attempt once, and not among the running ones. O(tasks log tasks + tasks placed x clients).
Placement place(const std::vector<WantedTask>& wanted, const std::vector<RunningTask>& running,
                const std::vector<ClientRoom>& clients, Timestamp now, const Rules& rules = {});

}  // namespace gyre::placement
