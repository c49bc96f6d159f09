#pragma once

// Names, reasons and messages come from configs, git and people; a terminal obeys some characters. Thread-safe.

#include <string>
#include <string_view>

namespace gyre {

// One line: control characters (of ASCII, and U+0080 to U+009F) and bytes that are no UTF-8 become text such as \x1b,
// what shows text in another order than it is in (U+202A to U+202E, U+2066 to U+2069) or ends a line such as \u202e,
// and line ends become \n.
std::string terminal_line(std::string_view text);
// The same, but line ends and tabs stay.
std::string terminal_text(std::string_view text);

}  // namespace gyre
