#pragma once

// How many columns of a terminal a text takes: East Asian characters and emoji take two, combining marks none. As
// terminals count that go by characters (Unicode 14); those that join several emoji into one may show less.

#include <string_view>

namespace gyre {

// Of one line of UTF-8, as terminal_line() makes it. A byte that is no UTF-8 counts as one. Thread-safe.
std::size_t terminal_columns(std::string_view line);

}  // namespace gyre
