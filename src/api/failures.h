#pragma once

// Slows down whoever guesses tokens: after ten failures within a minute an address is refused until the minute is over.
// A token that was right before is not held up by what others try from the same address. Memory is bounded. Time is an
// argument. Thread-safe.

#include <chrono>
#include <set>
#include <string>
#include <unordered_map>

#include "base/guarded.h"

namespace gyre::api {

class Failures {
public:
    using Instant = std::chrono::steady_clock::time_point;

    bool admits(const std::string& address, const std::string& token_hash, Instant now);
    void failed(const std::string& address, Instant now);
    void succeeded(const std::string& token_hash);

    static constexpr int most_failures = 10;
    static constexpr std::chrono::seconds window{60};

private:
    struct Count {
        Instant since;
        int failures = 0;
    };
    struct State {
        std::unordered_map<std::string, Count> by_address;
        std::set<std::string> good;  // hashes
    };
    Guarded<State> state_;
};

}  // namespace gyre::api
