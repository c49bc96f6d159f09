#include "config/duration.h"

#include <charconv>
#include <cmath>

namespace gyre::config {
namespace {

constexpr double longest = 30.0 * 24 * 3600 * 1000;  // milliseconds

double unit_in_milliseconds(char unit) {
    switch (unit) {
        case 's':
            return 1000;
        case 'm':
            return 60'000;
        case 'h':
            return 3'600'000;
        default:
            return 0;
    }
}

}  // namespace

std::optional<WrittenDuration> parse_duration(std::string_view text) {
    double total = 0;
    WrittenDuration result;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty()) {
            if (total > 0) return std::nullopt;
            result.has_unit = false;
            total = number * 1000;
            break;
        }
        const double unit = unit_in_milliseconds(text.front());
        if (unit == 0) return std::nullopt;
        text.remove_prefix(1);
        total += number * unit;
    }
    if (!(total >= 1 && total <= longest)) return std::nullopt;
    result.milliseconds = std::llround(total);
    return result;
}

}  // namespace gyre::config
