#pragma once

// Which waiting tasks may have a machine at all now, before capacity is asked about:
//
//  * A retry waits until its time. Were that further off than the longest wait there is, the clock jumped back, and it
//    is ready.
//  * Of a serial group, the tasks of its holder go. While nobody holds it, one waiter gets the turn: of the project
//    that has waited longest, the job of the oldest pipeline, so that a newer commit is not deployed before an older
//    one. A task that no machine could ever hold has no turn: it would keep the others waiting for ever.

#include <functional>
#include <optional>
#include <vector>

#include "placement/needs.h"
#include "placement/reason.h"

namespace gyre::placement {

inline constexpr Duration longest_retry_wait = std::chrono::seconds{15};

struct Turns {
    std::vector<bool> may_go;      // one a wanted task
    std::vector<Waiting> waiting;  // the others: of each serial group in the order in which they get it if nobody else
                                   // comes; then retries without one, by their time
    std::optional<Timestamp> next_ready;  // when the first of the retries may go
};
using CouldEverRun = std::function<bool(const Resources&)>;
Turns take_turns(const std::vector<WantedTask>& wanted, Timestamp now, const CouldEverRun& could_ever_run);

}  // namespace gyre::placement
