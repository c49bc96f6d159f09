#include "base/terminal_text.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(TerminalText, gives_a_terminal_nothing_to_obey) {
    const std::pair<std::string, std::string> table[] = {
        {"plain, \u00e9, \u4f60", "plain, \u00e9, \u4f60"},
        {"\x1b]0;title\a", "\\x1b]0;title\\x07"},
        {"a\r\x7f\b", "a\\x0d\\x7f\\x08"},
        {"\u009b2J", "\\x9b2J"},
        {"\x9b"
         "2J",
         "\\x9b2J"},
        {"a\u202etxt.exe\u2066\u2069\u2028", "a\\u202etxt.exe\\u2066\\u2069\\u2028"},
        {"\u05e9\u05dc\u05d5\u05dd\u200f!", "\u05e9\u05dc\u05d5\u05dd\u200f!"},
        {std::string("a\0b", 3), "a\\x00b"},
    };
    for (const auto& [text, shown] : table) {
        EXPECT_EQ(terminal_line(text), shown);
        EXPECT_EQ(terminal_text(text), shown);
    }
}

TEST(TerminalText, keeps_line_ends_where_lines_are_meant) {
    EXPECT_EQ(terminal_text("a\n\tb\x1b"), "a\n\tb\\x1b");
    EXPECT_EQ(terminal_line("a\n\tb"), "a\\n\\x09b");
}

}  // namespace
}  // namespace gyre
