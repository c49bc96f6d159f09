#include "apps/gyre/sparkline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace gyre::apps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Sparkline, has_a_bar_a_number_and_the_largest_is_whole) {
    EXPECT_EQ("▁▂▃▄▅▆▇█", sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 20));
    EXPECT_EQ("▁▅█", sparkline({0, 50, 100}, 20));
    EXPECT_EQ("▁▁▁", sparkline({0, 0, 0}, 20));
    EXPECT_EQ("█", sparkline({5}, 20));
    EXPECT_EQ("", sparkline({}, 20));
    EXPECT_EQ("", sparkline({1}, 0));
}

TEST(Sparkline, of_a_share_leaves_room_above) { EXPECT_EQ("▂▄", sparkline({10, 30}, 20, 80)); }

TEST(Sparkline, of_too_many_numbers_keeps_the_peaks) {
    EXPECT_EQ("▁█▁", sparkline({0, 0, 0, 9, 0, 0}, 3));
    EXPECT_EQ("█▅", sparkline({9, 0, 0, 0, 5}, 2));
}

TEST(Sparkline, takes_numbers_that_cannot_be) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ("▁█", sparkline({-most, most}, 20));
}

TEST(Rates, are_what_a_second_brought) {
    EXPECT_THAT(rates({1'000, 1'000, 5'000}, {2'000, 4'000, 8'000}), ElementsAre(500, 0, 1'000));
    EXPECT_THAT(rates({7, 9}, {0, 0}), ElementsAre(7'000, 2'000)) << "a clock that stands";
    EXPECT_THAT(rates({}, {1, 2}), IsEmpty());
}

}  // namespace
}  // namespace gyre::apps
