#pragma once

// Whether the job must end before its steps do, and why. Told by the heartbeat, by any call that learns that the
// attempt was fenced off, and by the job's time limit; asked by everything that waits. Thread-safe.

#include <chrono>
#include <mutex>
#include <string>

#include "base/fd.h"

namespace gyre::agent {

enum class StopReason {
    none,
    canceled,    // somebody asked
    time_is_up,  // the limit of the whole job
    over_disk,   // its files take more of the disk than they may
    lease_lost,  // the lease could not be renewed: another attempt may be given the task
    fenced,      // the server said that this attempt is over; nothing it says is heard any more
};

class JobControl {
public:
    JobControl();

    // The first reason stands, except that `fenced` replaces any other.
    void stop(StopReason reason, std::string why);
    // From then on the job stops by itself.
    void set_time_limit(std::chrono::milliseconds limit);

    std::chrono::milliseconds time_left() const;  // until that limit
    StopReason reason() const;
    std::string why() const;
    bool is_stopping() const { return reason() != StopReason::none; }
    // Another attempt may be running: nothing of this one may live on, not even to end in good order.
    bool must_vanish() const {
        const StopReason why = reason();
        return why == StopReason::lease_lost || why == StopReason::fenced;
    }
    bool is_fenced() const { return reason() == StopReason::fenced; }

    // Descriptors for poll(), readable from the moment on.
    int stop_event() const { return stop_event_.get(); }
    int fence_event() const { return fence_event_.get(); }

private:
    using Instant = std::chrono::steady_clock::time_point;

    mutable std::mutex mutex_;
    Instant started_ = std::chrono::steady_clock::now();
    Instant deadline_ = Instant::max();
    StopReason reason_ = StopReason::none;
    std::string why_;
    Fd stopped_;  // eventfd
    Fd timer_;
    Fd stop_event_;  // epoll of the two
    Fd fence_event_;
};

// Sleeps for `span`, at most until `event` is readable (-1: none); true when the whole span has passed.
bool sleep_unless(int event, std::chrono::milliseconds span);

}  // namespace gyre::agent
