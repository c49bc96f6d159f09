#pragma once

// Simulated time: what shall happen, in the order of its moment; of one moment, in the order in which it was asked for.
// Time moves only from one happening to the next.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"

namespace gyre::simulation {

class Timeline final : public Clock {
public:
    using Act = std::function<void()>;

    void after(Duration delay, Act act);
    bool step();  // lets the next thing happen; false: nothing is planned

    Duration elapsed() const { return elapsed_; }
    std::uint64_t happened() const { return happened_; }
    // Somebody sets the machines' clocks: only what people see follows.
    void set_clock(Duration by) { wall_ += by; }
    Duration clock_set_by() const { return wall_; }

    Timestamp now() const override { return from_millis(1'700'000'000'000) + wall_ + elapsed_; }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point{std::chrono::hours{1000} + elapsed_};
    }

private:
    struct Planned {
        Duration at{};
        std::uint64_t number = 0;
        Act act;
    };
    static bool later(const Planned& a, const Planned& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }

    Duration elapsed_{};
    Duration wall_{};
    std::uint64_t asked_ = 0;
    std::uint64_t happened_ = 0;
    std::vector<Planned> planned_;  // a heap
};

}  // namespace gyre::simulation
