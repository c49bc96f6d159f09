#pragma once

// A thread that does the same thing from time to time, until it is stopped. It belongs to one thread, which is not its
// own; is_stopping() may be asked by any. Among members it is the last: its turns use the others.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace gyre {

class PacedThread {
public:
    PacedThread() = default;
    ~PacedThread() { stop(); }
    PacedThread(const PacedThread&) = delete;
    PacedThread& operator=(const PacedThread&) = delete;

    // `turn` comes first after `every`, and then so long after each end. May follow a stop(), not another start().
    void start(Duration every, std::function<void()> turn);
    // Waits for a turn that runs; one that is long asks is_stopping(). Idempotent.
    void stop();
    bool is_stopping() const;

private:
    void run(Duration every, const std::function<void()>& turn);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;  // guarded by it
    std::thread thread_;
};

}  // namespace gyre
