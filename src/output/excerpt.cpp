#include "output/excerpt.h"

#include <algorithm>

namespace gyre::output {

Excerpt::Excerpt(std::int64_t bytes, std::int64_t lines)
    : bytes_(bytes > 0 ? bytes : INT64_MAX), lines_(lines > 0 ? lines : INT64_MAX) {}

std::string_view Excerpt::take(std::string_view piece) {
    if (is_full()) return {};
    piece = piece.substr(0, static_cast<std::size_t>(std::min(bytes_, static_cast<std::int64_t>(piece.size()))));
    std::size_t at = 0;
    while (lines_ > 0 && at < piece.size()) {
        const auto end = piece.find('\n', at);
        if (end == std::string_view::npos) {
            at = piece.size();
        } else {
            at = end + 1;
            --lines_;
        }
    }
    bytes_ -= static_cast<std::int64_t>(at);
    return piece.substr(0, at);
}

}  // namespace gyre::output
