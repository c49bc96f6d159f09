#include "model/secret.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(VariableNames, have_letters_digits_and_underscores) {
    for (const std::string fine : {"A", "_", "a1", "TOKEN_2", "_x"}) EXPECT_TRUE(check_variable_name(fine)) << fine;
    EXPECT_TRUE(check_variable_name(std::string(256, 'A')));
}

TEST(VariableNames, are_refused_when_no_shell_could_name_them) {
    for (const std::string bad : {"", "1A", "A-B", "A B", "A=B", "A.B", "A\n", "\xc3\x84", "A/../B", "$A"})
        EXPECT_EQ(check_variable_name(bad).error().fault, Fault::invalid) << bad;
    EXPECT_EQ(check_variable_name(std::string("A\0B", 3)).error().fault, Fault::invalid);
    EXPECT_EQ(check_variable_name(std::string(257, 'A')).error().fault, Fault::too_large);
}

TEST(VariableValues, have_no_nul_and_an_end) {
    EXPECT_TRUE(check_variable_value(""));
    EXPECT_TRUE(check_variable_value("many\nlines\n"));
    EXPECT_TRUE(check_variable_value(std::string(largest_variable, 'x')));
    EXPECT_EQ(check_variable_value(std::string(largest_variable + 1, 'x')).error().fault, Fault::too_large);
    const auto refused = check_variable_value(std::string("s3cr3t\0", 7));
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_EQ(refused.error().message.find("s3cr3t"), std::string::npos);
}

TEST(MaskedValues, show_the_last_four_characters_of_long_ones_only) {
    EXPECT_EQ(masked_value("0123456789abcdef"), "xxxxcdef");
    EXPECT_EQ(masked_value("12345678"), "xxxx5678");
    EXPECT_EQ(masked_value("1234567"), "xxxx");
    EXPECT_EQ(masked_value(""), "xxxx");
    EXPECT_EQ(masked_value("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xb6"),
              "xxxx\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xb6")
        << "characters, not bytes";
}

}  // namespace
}  // namespace gyre
