#include "injob/duration.h"

#include <array>
#include <charconv>
#include <string>

namespace gyre::injob {
namespace {

struct Unit {
    std::string_view name;
    double microseconds;
};
constexpr std::array<Unit, 7> units{
    {{"ns", 1e-3}, {"us", 1}, {"µs", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}}};

// Takes "1.5h" from the front. Nothing: that is no number with a unit.
bool take_part(std::string_view& text, double& microseconds) {
    double number = 0;
    const auto [end, failed] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (failed != std::errc{} || number < 0 || text.front() == '-') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789."));
    for (const auto& unit : units) {
        if (name != unit.name) continue;
        microseconds += number * unit.microseconds;
        text.remove_prefix(name.size());
        return true;
    }
    return false;
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
    if (text == "0") return 0;
    const std::string whole(text);
    double microseconds = 0;
    bool understood = !text.empty();
    while (understood && !text.empty()) understood = take_part(text, microseconds);
    if (!understood) return invalid("a time is written like 10s, 1m30s or 250ms, not '" + whole + "'");
    if (!(microseconds <= static_cast<double>(longest_duration))) return invalid("'" + whole + "' is more than a day");
    return static_cast<std::int64_t>(microseconds);
}

}  // namespace gyre::injob
