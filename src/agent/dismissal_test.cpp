#include "agent/dismissal.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gyre::agent {
namespace {

bool is_readable(int event) {
    pollfd look{event, POLLIN, 0};
    return ::poll(&look, 1, 0) == 1;
}

// To this thread alone: others of the test's program would be ended by it.
void tell_to_go() { ::pthread_kill(::pthread_self(), SIGTERM); }

TEST(Dismissal, is_heard_instead_of_ending_the_program) {
    const Dismissal dismissal(-1);
    EXPECT_FALSE(is_readable(dismissal.event()));
    tell_to_go();
    EXPECT_TRUE(is_readable(dismissal.event()));
}

TEST(Dismissal, that_came_is_known_to_who_got_work_meanwhile) {
    const Fd leash(::eventfd(1, EFD_CLOEXEC));
    const Dismissal dismissal(leash.get());
    EXPECT_FALSE(dismissal.was_told()) << "a leash says nothing of itself";
    tell_to_go();
    EXPECT_TRUE(dismissal.was_told());
}

TEST(Dismissal, is_a_leash_that_nobody_holds_as_well) {
    const Fd leash(::eventfd(0, EFD_CLOEXEC));
    const Dismissal dismissal(leash.get());
    EXPECT_FALSE(is_readable(dismissal.event()));
    ::eventfd_write(leash.get(), 1);
    EXPECT_TRUE(is_readable(dismissal.event()));
}

TEST(Dismissal, reaches_who_has_a_job_as_any_program) {
    EXPECT_EXIT(
        {
            { const Dismissal dismissal(-1); }
            tell_to_go();
            ::_exit(0);
        },
        testing::KilledBySignal(SIGTERM), "");
    EXPECT_EXIT(
        {
            {
                const Dismissal dismissal(-1);
                tell_to_go();
            }
            ::_exit(7);  // with its container removed
        },
        testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace gyre::agent
