#include "base/paced_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

namespace gyre {
namespace {

TEST(PacedThread, takes_turns_until_it_is_stopped_and_may_be_started_again) {
    PacedThread thread;
    for (int start = 0; start < 2; ++start) {
        std::latch turns(3);
        std::atomic<int> taken = 0;
        thread.start(Duration{1}, [&] {
            if (++taken <= 3) turns.count_down();
        });
        turns.wait();
        thread.stop();
        thread.stop();
        const int at_the_stop = taken;
        EXPECT_GE(at_the_stop, 3);
        EXPECT_EQ(at_the_stop, taken) << "no turn comes after a stop";
    }
}

TEST(PacedThread, is_stopped_while_it_waits_for_its_turn) {
    PacedThread thread;
    thread.start(std::chrono::hours{1}, [] { ADD_FAILURE() << "an hour is not over"; });
    thread.stop();
}

TEST(PacedThread, tells_a_turn_that_is_long_when_it_is_to_end) {
    PacedThread thread;
    std::promise<void> began;
    thread.start(Duration{1}, [&] {
        began.set_value();
        while (!thread.is_stopping()) std::this_thread::yield();
    });
    began.get_future().wait();
    thread.stop();
    EXPECT_TRUE(thread.is_stopping());
}

}  // namespace
}  // namespace gyre
