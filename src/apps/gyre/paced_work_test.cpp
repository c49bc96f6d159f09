#include "apps/gyre/paced_work.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <future>

namespace gyre::apps {
namespace {

TEST(PacedWork, that_comes_never_is_not_begun) {
    PacedWork never([](const PacedWork::GoOn&) { ADD_FAILURE(); }, Duration{0});
    never.start();
    never.stop();
}

TEST(PacedWork, goes_on_until_it_is_stopped) {
    std::promise<void> began;
    bool ended = false;
    PacedWork work(
        [&](const PacedWork::GoOn& go_on) {
            EXPECT_TRUE(go_on().ok());
            began.set_value();
            while (go_on().ok()) ::sched_yield();
            ended = true;
        },
        Duration{1});
    work.start();
    began.get_future().wait();
    work.stop();
    EXPECT_TRUE(ended) << "a stop waits for its end";
}

TEST(PacedWork, in_batches_lets_others_first_and_changes_no_other_thread) {
    for (const auto& [urgency, policy] : {std::pair{Urgency::batch, SCHED_BATCH}, {Urgency::usual, SCHED_OTHER}}) {
        std::promise<int> seen;
        bool told = false;
        PacedWork work(
            [&](const PacedWork::GoOn&) {
                if (!std::exchange(told, true)) seen.set_value(::sched_getscheduler(0));
            },
            Duration{1}, urgency);
        work.start();
        EXPECT_EQ(seen.get_future().get(), policy);
        work.stop();
        EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
    }
}

}  // namespace
}  // namespace gyre::apps
