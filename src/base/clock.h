#pragma once

// Time as a value. Pure code takes a Timestamp as an argument; only loops and apps own a Clock.

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Duration>;  // UTC, millisecond precision

// The two clocks a loop needs. Thread-safe.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;                                 // wall clock, for what users see
    virtual std::chrono::steady_clock::time_point steady() const = 0;  // for leases and timeouts; never jumps
};

class SystemClock final : public Clock {
public:
    Timestamp now() const override;
    std::chrono::steady_clock::time_point steady() const override;
};

// ISO 8601 in UTC with milliseconds, the form of every API of ours: 2026-01-02T03:04:05.678Z
std::string to_iso(Timestamp at);
// Reads exactly that form (fraction optional). Anything else is `invalid`.
Result<Timestamp> from_iso(std::string_view text);

inline std::int64_t to_millis(Timestamp at) { return at.time_since_epoch().count(); }
inline Timestamp from_millis(std::int64_t millis) { return Timestamp{Duration{millis}}; }

}  // namespace gyre
