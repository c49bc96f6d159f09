#pragma once

// How long each attempt's agent may go on without a word. Time is an argument; nothing is stored: after a restart every
// live attempt gets a full lease and a grace on top, because its agent could not reach us meanwhile. Not thread-safe.

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"

namespace gyre::gateway {

class Leases {
public:
    using Instant = std::chrono::steady_clock::time_point;

    explicit Leases(Duration length) : length_(length) {}

    void grant(const AttemptId& attempt, Instant now, Duration grace = Duration{0});
    void grant_all(Instant now, Duration grace);        // to every attempt that has one; never shortens
    void renew(const AttemptId& attempt, Instant now);  // never shortens; nothing for an attempt without a lease
    bool end(const AttemptId& attempt);                 // whether it had one

    std::vector<AttemptId> expired(Instant now) const;
    std::optional<Instant> next_expiry() const;

private:
    Duration length_;
    std::map<AttemptId, Instant> until_;  // in order, so that whoever looks on sees the same each time
};

}  // namespace gyre::gateway
