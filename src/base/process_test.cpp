#include "base/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fd.h"

namespace gyre {
namespace {

TEST(Run, collects_output_error_and_exit_code) {
    const auto finished =
        run({.argv = {"sh", "-c", "cat; echo $WHO >&2; exit 3"}, .environment = {"WHO=me"}, .input = "hello"});
    ASSERT_TRUE(finished.ok()) << finished.error().message;
    EXPECT_EQ(finished->out, "hello");
    EXPECT_EQ(finished->err, "me\n");
    EXPECT_EQ(finished->exit_code, 3);
}

TEST(Run, moves_more_than_a_pipe_holds_both_ways) {
    const std::string much(1 << 20, 'x');
    const auto finished = run({.argv = {"cat"}, .input = much});
    ASSERT_TRUE(finished.ok());
    EXPECT_EQ(finished->out, much);
}

TEST(Run, says_what_went_wrong) {
    EXPECT_NE(run({.argv = {"/no/such/program"}}).error().message.find("/no/such/program"), std::string::npos);
    EXPECT_EQ(run({.argv = {"yes"}, .output_limit = 1000}).error().fault, Fault::too_large);
    EXPECT_NE(run({.argv = {"sh", "-c", "exec sleep 60"}, .timeout = std::chrono::milliseconds{50}})
                  .error()
                  .message.find("50 ms"),
              std::string::npos);
    EXPECT_EQ(run({.argv = {"sh", "-c", "kill -9 $$"}})->exit_code, 137);
}

TEST(Run, hands_on_none_of_our_descriptors) {
    const Fd ours(dup(STDERR_FILENO));  // not close-on-exec, as some libraries leave theirs
    EXPECT_EQ(run({.argv = {"sh", "-c", "ls /proc/self/fd | wc -l"}})->out, "4\n") << "0, 1, 2 and that of ls";
}

TEST(Run, starts_in_the_directory_asked_for) { EXPECT_EQ(run({.argv = {"pwd"}, .directory = "/usr"})->out, "/usr\n"); }

}  // namespace
}  // namespace gyre
