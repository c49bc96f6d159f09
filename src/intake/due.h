#pragma once

// Which ticks of a schedule are due at an instant. Pure.
//
// The rule for ticks that nobody fired in their minute (no server ran, the remote did not answer): the newest fires
// once, if it is at most `latest_firing` old; all others are missed, and are said to be. A schedule that was dealt with
// further than the clock stands saw the clock set back: by less than `latest_firing`, it waits until the clock is there
// again; by more, it goes on from now, and the ids of the triggers keep ticks from firing twice.

#include <optional>

#include "model/cron.h"

namespace gyre::intake {

inline constexpr Duration latest_firing = std::chrono::hours{1};

struct DueTicks {
    std::optional<Timestamp> fire;
    std::optional<Timestamp> missed;  // the newest of those that will not fire
    int missed_count = 0;             // up to most_counted
    bool set_back = false;            // deal with it by settling until now
    std::optional<Timestamp> next;    // the first tick after now
    // There is something to settle.
    bool any() const { return fire || missed || set_back; }
};

inline constexpr int most_counted = 1000;

DueTicks due_ticks(const Timetable& timetable, Timestamp settled_until, Timestamp now);

}  // namespace gyre::intake
