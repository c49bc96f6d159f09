#include "output/excerpt.h"

#include <gtest/gtest.h>

#include <string>

namespace gyre::output {
namespace {

// What is taken of the text when it comes in pieces of that size.
std::string taken(std::int64_t bytes, std::int64_t lines, std::string_view text, std::size_t piece) {
    Excerpt excerpt(bytes, lines);
    std::string all;
    for (std::size_t at = 0; at < text.size(); at += piece) all += excerpt.take(text.substr(at, piece));
    return all;
}

TEST(Excerpt, EndsWithTheFirstOfItsLimitsHoweverThePiecesCome) {
    const std::string_view text = "one\ntwo\n\nfour";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        EXPECT_EQ(taken(0, 0, text, piece), text);
        EXPECT_EQ(taken(0, 1, text, piece), "one\n");
        EXPECT_EQ(taken(0, 3, text, piece), "one\ntwo\n\n");
        EXPECT_EQ(taken(0, 99, text, piece), text);
        EXPECT_EQ(taken(6, 0, text, piece), "one\ntw");
        EXPECT_EQ(taken(6, 1, text, piece), "one\n");
        EXPECT_EQ(taken(2, 1, text, piece), "on");
    }
}

TEST(Excerpt, KnowsWhenItIsFull) {
    Excerpt excerpt(5, 2);
    EXPECT_FALSE(excerpt.is_full());
    excerpt.take("a\nb");
    EXPECT_FALSE(excerpt.is_full());
    excerpt.take("\n");
    EXPECT_TRUE(excerpt.is_full());
    EXPECT_EQ(excerpt.take("more"), "");
}

}  // namespace
}  // namespace gyre::output
