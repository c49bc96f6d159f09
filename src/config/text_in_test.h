#pragma once

// For tests: long texts of short ones.

#include <string>
#include <string_view>

namespace gyre::config::test {

inline std::string repeat(std::string_view text, std::size_t times) {
    std::string result;
    result.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

// `item` for each number, which stands where '#' is, and the next one where '@' is.
inline std::string numbered(std::string_view item, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) {
        for (const char c : item) {
            if (c == '#') {
                result += std::to_string(i);
            } else if (c == '@') {
                result += std::to_string(i + 1);
            } else {
                result += c;
            }
        }
    }
    return result;
}

}  // namespace gyre::config::test
