#include "httpd/range.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.h"

namespace gyre::httpd {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

// Digits alone; a number too large to hold is larger than any body.
std::optional<std::int64_t> whole_number(std::string_view text) {
    const bool digits = std::all_of(text.begin(), text.end(), is_digit);
    if (text.empty() || !digits) return std::nullopt;
    std::int64_t number = 0;
    const auto failed = std::from_chars(text.data(), text.data() + text.size(), number).ec;
    return failed == std::errc{} ? number : largest;
}

Range part_or_unsatisfiable(std::int64_t from, std::int64_t last, std::int64_t size) {
    if (from >= size) return {RangeKind::unsatisfiable, 0, 0};
    return {RangeKind::part, from, std::min(last, size - 1) - from + 1};
}

// Words like "bytes" are the same in capitals.
bool is_bytes(std::string_view unit) {
    constexpr std::string_view bytes = "bytes";
    return std::equal(unit.begin(), unit.end(), bytes.begin(), bytes.end(),
                      [](char a, char b) { return lowered(a) == b; });
}

}  // namespace

Range range_of(const Request& request, std::int64_t size) {
    const Range whole{RangeKind::whole, 0, size};
    // Nothing here has a validator that If-Range could name, so what it guards is refused.
    if (request.method == "HEAD" || !request.header("if-range").empty()) return whole;
    const std::string_view text = request.header("range");
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || !is_bytes(text.substr(0, equals))) return whole;
    const auto wish = text.substr(equals + 1);
    const auto dash = wish.find('-');
    if (dash == std::string_view::npos) return whole;
    const auto last = whole_number(wish.substr(dash + 1));
    if (dash == 0) {
        if (!last || (size == 0 && *last > 0)) return whole;  // all that there is of nothing
        return part_or_unsatisfiable(*last == 0 ? size : std::max<std::int64_t>(0, size - *last), size, size);
    }
    const auto from = whole_number(wish.substr(0, dash));
    const bool open = dash + 1 == wish.size();
    if (!from || (!open && (!last || *last < *from))) return whole;
    return part_or_unsatisfiable(*from, open ? size : *last, size);
}

std::string content_range(const Range& range, std::int64_t size) {
    const auto of = "/" + std::to_string(size);
    if (range.kind == RangeKind::unsatisfiable) return "bytes *" + of;
    return "bytes " + std::to_string(range.from) + "-" + std::to_string(range.from + range.length - 1) + of;
}

}  // namespace gyre::httpd
