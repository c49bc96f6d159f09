#include "injob/glob.h"

#include "gtest/gtest.h"
#include "injob/archive_in_test.h"

namespace gyre::injob {
namespace {

using testing::Directory;
using Names = std::vector<std::string>;

TEST(Glob, matches_names) {
    struct Case {
        const char* pattern;
        const char* name;
        bool matches;
    };
    const Case cases[] = {
        {"*", "", true},         {"*", "abc", true},      {"a*c", "abbbc", true},
        {"a*c", "abbb", false},  {"*.py", "x.py", true},  {"?", "a", true},
        {"?", "\xc3\xa4", true}, {"?", "", false},        {"a?c", "ac", false},
        {"[a-c]x", "bx", true},  {"[a-c]x", "dx", false}, {"[^a-c]x", "dx", true},
        {"[!a-c]x", "dx", true}, {"[]]", "]", true},      {"[a-]", "-", true},
        {"\\*", "*", true},      {"\\*", "a", false},     {"a\\[b", "a[b", true},
        {"[\\]]", "]", true},    {"[a", "a", false},      {"*a*b*c*", "xaxbxcx", true},
        {"**", "abc", true},     {".*", ".hidden", true}, {"*", ".hidden", true},
        {"abc", "abcd", false},
    };
    for (const auto& one : cases)
        EXPECT_EQ(matches_name(one.pattern, one.name, GlobRules::tests), one.matches) << one.pattern << " " << one.name;
    EXPECT_FALSE(matches_name("[!a]", "b", GlobRules::workspace)) << "'!' is an ordinary character in Go's rules";
}

TEST(Glob, does_not_take_for_ever) {
    const std::string pattern = std::string(2000, '*') + "b";
    std::string stars;
    for (int i = 0; i < 500; ++i) stars += "*a";
    EXPECT_FALSE(matches_name(pattern, std::string(2000, 'a'), GlobRules::tests));
    EXPECT_FALSE(matches_name(stars + "b", std::string(2000, 'a'), GlobRules::tests));
}

TEST(Glob, expands_braces) {
    EXPECT_EQ(*expand_braces("a{b,c}d"), (Names{"abd", "acd"}));
    EXPECT_EQ(*expand_braces("{a,b{c,d}}"), (Names{"a", "bc", "bd"}));
    EXPECT_EQ(*expand_braces("{a,}x"), (Names{"ax", "x"}));
    EXPECT_EQ(*expand_braces("plain"), (Names{"plain"}));
    EXPECT_EQ(expand_braces("a{b,c").error().fault, Fault::invalid);
    std::string bomb;
    for (int i = 0; i < 30; ++i) bomb += "{a,b}";
    EXPECT_EQ(expand_braces(bomb).error().fault, Fault::too_large);
}

class GlobTree : public ::testing::Test {
protected:
    void SetUp() override {
        for (const char* name :
             {"a_test.go", "b.go", "sub/c_test.go", "sub/deep/d_test.go", "sub/deep/e.rb", ".hid/f_test.go"})
            tree_.file(name);
        std::filesystem::create_directory_symlink("..", tree_ / "sub/loop");
    }
    Names names(const std::string& pattern) { return *glob(pattern, tree_.path, GlobRules::tests); }
    Directory tree_;
};

TEST_F(GlobTree, finds_files_at_any_depth) {
    EXPECT_EQ(names("**/*_test.go"), (Names{".hid/f_test.go", "a_test.go", "sub/c_test.go", "sub/deep/d_test.go"}));
    EXPECT_EQ(names("sub/**/*.{go,rb}"), (Names{"sub/c_test.go", "sub/deep/d_test.go", "sub/deep/e.rb"}));
    EXPECT_EQ(names("**/deep/*"), (Names{"sub/deep/d_test.go", "sub/deep/e.rb"}));
    EXPECT_EQ(names("sub/**"), (Names{"sub/c_test.go", "sub/deep", "sub/deep/d_test.go", "sub/deep/e.rb", "sub/loop"}));
    EXPECT_EQ(names("**/**/**/e.rb"), (Names{"sub/deep/e.rb"}));
}

TEST_F(GlobTree, keeps_a_star_within_one_name) {
    EXPECT_EQ(names("*_test.go"), (Names{"a_test.go"}));
    EXPECT_EQ(names("*/*_test.go"), (Names{".hid/f_test.go", "sub/c_test.go"}));
    EXPECT_EQ(names("b.go"), (Names{"b.go"}));
    EXPECT_EQ(names("./b.go"), (Names{"./b.go"}));
    EXPECT_EQ(names("none*"), Names{});
    EXPECT_EQ(names(tree_ / "?.go"), (Names{tree_ / "b.go"}));
}

TEST_F(GlobTree, says_what_is_wrong_with_a_pattern) {
    for (const char* bad : {"a[b", "a\\", "", "{a"}) EXPECT_FALSE(glob(bad, tree_.path, GlobRules::tests).ok()) << bad;
}

TEST_F(GlobTree, bounds_what_it_finds) {
    EXPECT_EQ(glob("**", tree_.path, GlobRules::tests, 3).error().fault, Fault::too_large);
}

}  // namespace
}  // namespace gyre::injob
