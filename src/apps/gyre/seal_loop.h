#pragma once

// Seals the outputs of ended attempts (output/sealer.h) from time to time, on a thread that gives way to everybody
// else's work. Several servers may do it; none waits for another.

#include <functional>

#include "base/clock.h"
#include "base/paced_thread.h"
#include "output/sealer.h"

namespace gyre::apps {

class SealLoop {
public:
    using GoOn = std::function<Result<void>()>;  // an error when the loop is to stop
    // `every`: zero or less: never.
    SealLoop(std::function<Result<output::SealedCount>(const GoOn&)> work, Duration every);

    void start();
    void stop() { thread_.stop(); }
    void turn();  // the thread calls it

private:
    std::function<Result<output::SealedCount>(const GoOn&)> work_;
    Duration every_;
    PacedThread thread_;
};

}  // namespace gyre::apps
