#pragma once

// Letters and digits of ASCII, whatever the locale says.

#include <string>
#include <string_view>

namespace gyre {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

constexpr char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline std::string lowered(std::string_view text) {
    std::string low(text);
    for (char& c : low) c = lowered(c);
    return low;
}

}  // namespace gyre
