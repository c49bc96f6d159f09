#pragma once

// Text from jobs, git and people may be any bytes; what goes into JSON must be UTF-8. Thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gyre {

// As RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
struct Utf8Character {
    std::uint32_t number = 0;
    std::size_t size = 0;  // bytes; 0: what stands there is no character
};
// The first one of the text. An empty text has none.
Utf8Character decode_utf8(std::string_view text);

// Invalid sequences become U+FFFD.
std::string valid_utf8(std::string_view bytes);
// Bytes that are no UTF-8 become four characters such as \xe9: for names that must not become alike.
std::string escaped_utf8(std::string_view bytes);
// The first `most` bytes, or less by a character that would be cut in two.
std::string_view cut_utf8(std::string_view text, std::size_t most);

}  // namespace gyre
