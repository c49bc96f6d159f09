// Processes that have ended, and those of which it cannot be told.

#include "agent/executors/process_start.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/executors/sandbox_record.h"
#include "base/fd.h"

namespace gyre::agent {
namespace {

// No descriptor can be opened while it lives.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const Fd lowest(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        const rlimit none{static_cast<rlim_t>(lowest.get()), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

class Child : public testing::Test {
protected:
    void SetUp() override {
        process = ::fork();
        ASSERT_GE(process, 0);
        if (process == 0) {
            ::pause();
            ::_exit(0);
        }
        started = process_start_time(process);
    }
    void TearDown() override { end(); }
    void end() {
        if (process > 0) ::kill(process, SIGKILL);
        if (process > 0) ::waitpid(process, nullptr, 0);
        process = 0;
    }

    pid_t process = 0;
    std::int64_t started = 0;
};

TEST_F(Child, ends_when_it_ends) {
    EXPECT_FALSE(ends_within(process, {}));
    const pid_t number = process;
    end();
    EXPECT_TRUE(ends_within(number, {}));
}

TEST_F(Child, has_not_ended_because_descriptors_are_short) {
    bool ended = true;
    Result<void> removed;
    {
        const NoDescriptors short_of_them;
        ended = ends_within(process, {});
        removed = end_recorded_process({.process = process, .process_started = started});
    }
    EXPECT_FALSE(ended);
    EXPECT_FALSE(removed) << "its record stays for the next sweep";
    EXPECT_TRUE(end_recorded_process({.process = process, .process_started = started}));
    EXPECT_TRUE(ends_within(process, {}));
}

}  // namespace
}  // namespace gyre::agent
