#pragma once

// A clock that stands still until a test moves it. Thread-safe.

#include <chrono>
#include <mutex>

#include "base/clock.h"
#include "base/guarded.h"

namespace gyre::memory {

class ManualClock final : public Clock {
public:
    explicit ManualClock(Timestamp now = from_millis(1'700'000'000'000)) : hands_(Hands{now, {}}) {}

    Timestamp now() const override { return hands_.lock()->wall; }
    std::chrono::steady_clock::time_point steady() const override { return hands_.lock()->steady; }

    // Time goes by: both clocks move.
    void advance(Duration by) {
        auto hands = hands_.lock();
        hands->wall += by;
        hands->steady += by;
    }
    // Somebody sets the machine's clock: leases and timeouts must not notice.
    void set_wall(Timestamp to) { hands_.lock()->wall = to; }

private:
    struct Hands {
        Timestamp wall{};
        std::chrono::steady_clock::time_point steady{};
    };
    mutable Guarded<Hands> hands_;
};

}  // namespace gyre::memory
