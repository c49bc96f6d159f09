#pragma once

// Waiting for what a program will do soon: looks again and again, until it is so or patience ends.

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace gyre::test {

inline constexpr std::chrono::seconds default_patience{60};

// Throws std::runtime_error naming `what` when `condition` does not come true in time. Patience is only a bound for
// tests that fail; a test that passes does not depend on it.
inline void eventually(const std::string& what, const std::function<bool()>& condition,
                       std::chrono::milliseconds patience = default_patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("waited " + std::to_string(patience.count() / 1000) + " s in vain: " + what);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{3});
    }
}

}  // namespace gyre::test
