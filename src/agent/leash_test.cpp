#include "agent/leash.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gyre::agent {
namespace {

bool becomes_readable(int event) {
    pollfd look{event, POLLIN, 0};
    return ::poll(&look, 1, 20'000) == 1;
}

TEST(Leash, is_held_by_the_parent_alone) {
    EXPECT_TRUE(hold_leash(::getppid()).ok());
    for (const pid_t other : {::getpid(), pid_t{0}, pid_t{-1}, pid_t{1 << 30}}) {
        if (other == ::getppid()) continue;
        EXPECT_FALSE(hold_leash(other).ok()) << other;
    }
}

TEST(Leash, ends_the_job_with_the_process_it_works_for) {
    const pid_t process = ::fork();
    if (process == 0) {
        ::pause();
        ::_exit(0);
    }
    const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    if (!pidfd) GTEST_SKIP() << "needs pidfd_open: Linux 5.3 or later";
    JobControl control;
    const Leash leash(pidfd.get(), control);
    EXPECT_FALSE(control.is_stopping());
    ::kill(process, SIGKILL);
    EXPECT_TRUE(becomes_readable(control.fence_event()));
    EXPECT_TRUE(control.must_vanish());
    ::waitpid(process, nullptr, 0);
}

TEST(Leash, that_nobody_holds_ends_nothing) {
    JobControl control;
    { const Leash leash(-1, control); }
    EXPECT_FALSE(control.is_stopping());
}

}  // namespace
}  // namespace gyre::agent
