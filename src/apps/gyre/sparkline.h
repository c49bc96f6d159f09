#pragma once

// A row of bars, one a number, for a graph within a line of text.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gyre::apps {

// At most `width` bars: of neighbours that share one, the largest counts. The largest of all, or `full` where that is
// larger, is the whole height; nothing is below 0. Empty of no numbers.
std::string sparkline(const std::vector<std::int64_t>& numbers, std::size_t width, std::int64_t full = 0);

// Of counts that never fall, at these times in ms: how fast each rose, a second.
std::vector<std::int64_t> rates(const std::vector<std::int64_t>& counts, const std::vector<std::int64_t>& at_ms);

}  // namespace gyre::apps
