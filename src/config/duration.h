#pragma once

// Durations as configs write them: "10m", "1.25h", "90s", "1h30m".

#include <cstdint>
#include <optional>
#include <string_view>

namespace gyre::config {

struct WrittenDuration {
    std::int64_t milliseconds = 0;  // at least 1, at most 30 days
    bool has_unit = true;           // false for a bare number, which counts seconds
};

std::optional<WrittenDuration> parse_duration(std::string_view text);

}  // namespace gyre::config
