#include "base/terminal_width.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(TerminalWidth, is_what_a_terminal_shows) {
    const struct {
        const char* what;
        const char* text;
        std::size_t columns;
    } table[] = {
        {"nothing", "", 0},
        {"ASCII", "a b~", 4},
        {"Latin, Greek, Cyrillic", "\u00e9\u03b1\u0436", 3},
        {"a soft hyphen", "a\u00adb", 3},
        {"Japanese", "\u65e5\u672c\u8a9e", 6},
        {"kana and a mark of its own", "\u30ab\u3099", 2},
        {"Hangul, whole and in parts", "\ud55c\u1112\u1161\u11ab", 4},
        {"wide Latin", "\uff21", 2},
        {"half a kana", "\uff71", 1},
        {"ideographs beyond the basic plane", "\U00020000\U0003134a", 4},
        {"emoji", "\U0001f680\u2705", 4},
        {"a sign that is text unless it is told otherwise", "\u2714", 1},
        {"e with an accent put on it", "e\u0301", 1},
        {"Hebrew with points", "\u05e9\u05c1", 1},
        {"Thai with a tone", "\u0e01\u0e48", 1},
        {"joiners and selectors", "\u200d\ufe0f", 0},
        {"bytes that are no UTF-8", "\xff\xe6\x97", 3},
        {"a lead that is none", "\xff\x80\x80\x80", 4},
        {"an overlong form", "\xe0\x80\x80", 3},
        {"a surrogate", "\xed\xa0\x80", 3},
        {"beyond the last character", "\xf4\x90\x80\x80", 4},
    };
    for (const auto& one : table) EXPECT_EQ(terminal_columns(one.text), one.columns) << one.what;
}

}  // namespace
}  // namespace gyre
