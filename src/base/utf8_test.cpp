#include "base/utf8.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(Utf8, is_read_character_by_character) {
    const struct {
        const char* what;
        std::string_view text;
        std::uint32_t number;
        std::size_t size;
    } table[] = {
        {"a letter", "ab", 'a', 1},
        {"a zero", std::string_view("\0", 1), 0, 1},
        {"of two bytes", "\u00e9x", 0xE9, 2},
        {"of three", "\u65e5", 0x65E5, 3},
        {"of four", "\U0001f680", 0x1F680, 4},
        {"the first of each size", "\xc2\x80", 0x80, 2},
        {"the last before the surrogates", "\xed\x9f\xbf", 0xD7FF, 3},
        {"the last of all", "\xf4\x8f\xbf\xbf", 0x10FFFF, 4},
    };
    for (const auto& one : table) {
        EXPECT_EQ(decode_utf8(one.text).number, one.number) << one.what;
        EXPECT_EQ(decode_utf8(one.text).size, one.size) << one.what;
    }
}

TEST(Utf8, is_read_strictly) {
    const std::pair<const char*, std::string_view> table[] = {
        {"nothing", ""},
        {"a byte of the middle", "\x80"},
        {"a lead that is none", "\xff\x80\x80\x80"},
        {"a lead of five bytes", "\xf8\x88\x80\x80\x80"},
        {"overlong in two bytes", "\xc1\xbf"},
        {"overlong in three", "\xe0\x80\x80"},
        {"overlong in four", "\xf0\x8f\xbf\xbf"},
        {"a surrogate", "\xed\xa0\x80"},
        {"beyond the last", "\xf4\x90\x80\x80"},
        {"cut off", "\xe6\x97"},
        {"broken off", "\xe6\x97x"},
    };
    for (const auto& [what, text] : table) EXPECT_EQ(decode_utf8(text).size, 0U) << what;
}

TEST(Utf8, shows_each_byte_that_is_none) {
    EXPECT_EQ(escaped_utf8("\xed\xa0\x80\u00e9"), "\\xed\\xa0\\x80\u00e9");
    EXPECT_EQ(valid_utf8("\xff\x80"), "\uFFFD\uFFFD");
    EXPECT_EQ(cut_utf8("a\u65e5", 3), "a");
}

}  // namespace
}  // namespace gyre
