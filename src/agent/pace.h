#pragma once

// Whether a download is too slow to be waited for. Told of the time that somebody waited for its bytes in vain, and of
// the bytes that came: what the receiver itself takes long for does not count. Pure.

#include <chrono>
#include <cstdint>

namespace gyre::agent {

class Pace {
public:
    // Fewer than `bytes` in each `span` of waiting is too slow. 0 bytes: never.
    Pace(std::int64_t bytes, std::chrono::milliseconds span) : floor_(bytes), span_(span) {}

    static Pace any() { return {0, std::chrono::milliseconds(0)}; }  // nothing is too slow

    void came(std::int64_t bytes) { came_ += bytes; }
    void waited(std::chrono::milliseconds time);
    bool is_too_slow() const { return too_slow_; }

private:
    std::int64_t floor_;
    std::chrono::milliseconds span_;
    std::int64_t came_ = 0;
    std::chrono::milliseconds waited_{0};
    bool too_slow_ = false;
};

inline void Pace::waited(std::chrono::milliseconds time) {
    waited_ += time;
    if (waited_ < span_) return;
    too_slow_ = too_slow_ || came_ < floor_;
    came_ = 0;
    waited_ = std::chrono::milliseconds(0);
}

}  // namespace gyre::agent
