#pragma once

// Work that a server does from time to time, on a thread of its own, until it is stopped. The first time comes a while
// after the start. Several servers may do it; none waits for another. It belongs to one thread, as base/paced_thread.h.

#include <functional>

#include "base/clock.h"
#include "base/paced_thread.h"
#include "base/result.h"

namespace gyre::apps {

enum class Urgency {
    usual,
    // For what keeps a core busy: the scheduler wakes others first. The thread still gets its share, for it holds what
    // others wait for, such as the writer of the database; a nice value would let them wait for a tenth of a core.
    batch,
};

class PacedWork {
public:
    using GoOn = std::function<Result<void>()>;  // an error when the work is to stop
    // `work` tells by itself what came of it. `every`: zero or less: never.
    PacedWork(std::function<void(const GoOn&)> work, Duration every, Urgency urgency = Urgency::usual);

    void start();
    void stop() { thread_.stop(); }

private:
    std::function<void(const GoOn&)> work_;
    Duration every_;
    Urgency urgency_;
    PacedThread thread_;  // last: its turns use the others
};

}  // namespace gyre::apps
