#pragma once

// Text from jobs, git and people may be any bytes; what goes into JSON must be UTF-8. Thread-safe.

#include <string>
#include <string_view>

namespace gyre {

// Invalid sequences become U+FFFD.
std::string valid_utf8(std::string_view bytes);
// Bytes that are no UTF-8 become four characters such as \xe9: for names that must not become alike.
std::string escaped_utf8(std::string_view bytes);
// The first `most` bytes, or less by a character that would be cut in two.
std::string_view cut_utf8(std::string_view text, std::size_t most);

}  // namespace gyre
