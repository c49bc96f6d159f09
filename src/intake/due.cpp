#include "intake/due.h"

#include <algorithm>

namespace gyre::intake {

DueTicks due_ticks(const Timetable& timetable, Timestamp settled_until, Timestamp now) {
    DueTicks due;
    if (settled_until > now + latest_firing) {
        due.set_back = true;
        due.next = next_after(timetable, now);
        return due;
    }
    due.next = next_after(timetable, std::max(settled_until, now));
    // Those that are too late, from the oldest on; behind many of them the others are not counted.
    const Timestamp recent = now - latest_firing - Duration{1};  // a tick after it may fire
    auto tick = next_after(timetable, settled_until);
    for (; tick && *tick <= recent && due.missed_count < most_counted; tick = next_after(timetable, *tick)) {
        due.missed = tick;
        ++due.missed_count;
    }
    if (tick && *tick <= recent) {
        for (auto late = next_after(timetable, recent - std::chrono::hours{24}); late && *late <= recent;
             late = next_after(timetable, *late))
            due.missed = late;
        tick = next_after(timetable, recent);
    }
    for (; tick && *tick <= now; tick = next_after(timetable, *tick)) {
        if (due.fire) {
            due.missed = due.fire;
            due.missed_count = std::min(due.missed_count + 1, most_counted);
        }
        due.fire = tick;
    }
    return due;
}

}  // namespace gyre::intake
