#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace gyre::injob {

inline constexpr std::int64_t longest_duration = 100'000'000'000;  // microseconds: a good day

// "10s", "1m30s", "1.5h", "250ms" (Go's form: numbers with units h, m, s, ms, us, ns; "0" needs none) -> microseconds.
// `invalid` for anything else, also below zero and above longest_duration.
Result<std::int64_t> parse_duration(std::string_view text);

}  // namespace gyre::injob
