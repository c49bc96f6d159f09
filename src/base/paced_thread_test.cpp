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
        EXPECT_GE(taken, 3);
    }
}

TEST(PacedThread, takes_no_turn_once_it_was_stopped) {
    struct Life {
        std::latch began{1};
        std::atomic<bool> may_end = false;
        std::atomic<bool> ended = false;
        bool told = false;  // of the turns
    } life;
    PacedThread thread;
    thread.start(Duration{1}, [&] {
        if (!std::exchange(life.told, true)) life.began.count_down();
        while (!thread.is_stopping()) std::this_thread::yield();
        std::this_thread::yield();
        life.ended = true;
    });
    life.began.wait();
    thread.stop();
    EXPECT_TRUE(life.ended) << "a stop waits for the turn that runs";
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
