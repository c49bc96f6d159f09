#include "httpd/lanes.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace gyre::httpd {
namespace {

// Calls that hang until the test lets them go.
struct Hanging {
    std::function<void()> call() {
        return [gate = gate] { gate.wait(); };
    }
    std::promise<void> let_go;
    std::shared_future<void> gate = let_go.get_future().share();
};

TEST(Lanes, run_the_calls_of_one_lane_in_their_order_and_of_others_meanwhile) {
    Hanging hanging;
    std::string order;
    std::promise<void> other;
    Lanes lanes({.threads = 2});
    EXPECT_EQ(lanes.enter("slow", hanging.call()), Entered::yes);
    for (const char name : {'a', 'b', 'c'}) lanes.enter("slow", [&order, name] { order += name; });
    EXPECT_EQ(lanes.enter("quick", [&] { other.set_value(); }), Entered::yes);
    other.get_future().wait();
    EXPECT_EQ(order, "");
    hanging.let_go.set_value();
    lanes.finish();
    EXPECT_EQ(order, "abc");
}

TEST(Lanes, turn_away_what_is_too_much) {
    Hanging hanging;
    Lanes lanes({.threads = 1, .calls = 3, .calls_of_lane = 2});
    EXPECT_EQ(lanes.enter("a", hanging.call()), Entered::yes);
    EXPECT_EQ(lanes.enter("a", hanging.call()), Entered::yes);
    EXPECT_EQ(lanes.enter("a", hanging.call()), Entered::lane_full);
    EXPECT_EQ(lanes.enter("b", hanging.call()), Entered::yes);
    EXPECT_EQ(lanes.enter("c", hanging.call()), Entered::all_full);
    hanging.let_go.set_value();
}

TEST(Lanes, have_room_again_when_calls_have_ended) {
    Lanes lanes({.threads = 1, .calls = 1, .calls_of_lane = 1});
    std::promise<void> ran;
    EXPECT_EQ(lanes.enter("a", [] {}), Entered::yes);
    while (lanes.enter("b", [&] { ran.set_value(); }) != Entered::yes) std::this_thread::yield();
    ran.get_future().wait();
}

TEST(Lanes, without_calls_have_nothing_to_finish) { Lanes({}).finish(); }

}  // namespace
}  // namespace gyre::httpd
