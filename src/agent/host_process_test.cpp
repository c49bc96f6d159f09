#include "agent/host_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/own_limits.h"

namespace gyre::agent {
namespace {

using ::testing::HasSubstr;

TEST(HostProcess, collects_what_a_program_says) {
    JobControl control;
    const auto end = run_on_host({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}}, control);
    ASSERT_TRUE(end.ok());
    EXPECT_EQ(3, end->code);
    EXPECT_EQ("out\n", end->out);
    EXPECT_EQ("err", end->err);
}

TEST(HostProcess, ends_with_the_job) {
    JobControl control;
    control.stop(StopReason::canceled, "a test said so");
    const auto end = run_on_host({.argv = {"sleep", "1000"}}, control);
    ASSERT_FALSE(end.ok());
    EXPECT_EQ("the job is stopping: a test said so", end.error().message);
}

TEST(HostProcess, is_not_waited_for_for_ever_where_no_descriptor_is_left) {
    JobControl control;
    rlimit before{};
    ASSERT_EQ(0, ::getrlimit(RLIMIT_NOFILE, &before));
    Fd first(::dup(0));
    Fd second(::dup(0));
    const rlimit two_more{static_cast<rlim_t>(second.get()) + 1, before.rlim_max};  // for what it prints
    first.reset();
    second.reset();
    ASSERT_EQ(0, ::setrlimit(RLIMIT_NOFILE, &two_more));
    const auto end = run_on_host({.argv = {"sleep", "1000"}}, control);
    ASSERT_EQ(0, ::setrlimit(RLIMIT_NOFILE, &before));
    ASSERT_FALSE(end.ok());
    EXPECT_EQ(Fault::unavailable, end.error().fault);
    EXPECT_THAT(end.error().message, HasSubstr("waiting for a program"));
}

TEST(OwnLimits, allow_many_files_and_no_core) {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit few{64, 4096};
        ::setrlimit(RLIMIT_NOFILE, &few);
        set_own_limits();
        rlimit files{};
        rlimit core{};
        ::getrlimit(RLIMIT_NOFILE, &files);
        ::getrlimit(RLIMIT_CORE, &core);
        ::_exit(files.rlim_cur == 4096 && core.rlim_cur <= 1 && core.rlim_max <= 1 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(child, ::waitpid(child, &status, 0));
    EXPECT_EQ(0, status);
}

}  // namespace
}  // namespace gyre::agent
