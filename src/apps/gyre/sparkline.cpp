#include "apps/gyre/sparkline.h"

#include <algorithm>
#include <array>

namespace gyre::apps {

std::string sparkline(const std::vector<std::int64_t>& numbers, std::size_t width, std::int64_t full) {
    constexpr std::array<const char*, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (numbers.empty() || width == 0) return "";
    const double whole = static_cast<double>(std::max(full, std::ranges::max(numbers)));
    const std::size_t count = std::min(width, numbers.size());
    std::string line;
    for (std::size_t bar = 0; bar < count; ++bar) {
        const auto from = numbers.begin() + static_cast<std::ptrdiff_t>(bar * numbers.size() / count);
        const auto to = numbers.begin() + static_cast<std::ptrdiff_t>((bar + 1) * numbers.size() / count);
        const auto number = static_cast<double>(std::max<std::int64_t>(0, *std::max_element(from, to)));
        const double height = whole > 0 ? number / whole * bars.size() : 0;
        line += bars.at(std::min(static_cast<std::size_t>(height), bars.size() - 1));
    }
    return line;
}

std::vector<std::int64_t> rates(const std::vector<std::int64_t>& counts, const std::vector<std::int64_t>& at_ms) {
    std::vector<std::int64_t> risen;
    std::int64_t count = 0;
    std::int64_t time = 0;
    for (std::size_t place = 0; place < std::min(counts.size(), at_ms.size()); ++place) {
        const auto passed = std::max<std::int64_t>(1, at_ms[place] - time);
        risen.push_back(static_cast<std::int64_t>(static_cast<double>(counts[place] - count) * 1000.0 /
                                                  static_cast<double>(passed)));
        count = counts[place];
        time = at_ms[place];
    }
    return risen;
}

}  // namespace gyre::apps
