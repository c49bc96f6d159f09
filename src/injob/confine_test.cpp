#include "injob/confine.h"

#include <sys/prctl.h>

#include "gtest/gtest.h"
#include "injob/shell_in_test.h"

namespace gyre::injob {
namespace {

using testing::Directory;
using testing::shell;

constexpr const char* no_filter = "/dev/null";

bool has_no_new_privileges() { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

TEST(SystemCalls, are_refused_by_nothing_that_is_no_filter) {
    Directory place;
    const auto ran = shell("setpriv --no-new-privs gyre-injob supervise --socket /dev/null/none", place);
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.output.find("opening /run/gyre/filter"), std::string::npos) << ran.output;
}

TEST(SystemCalls, stay_where_a_container_was_meant_to_keep_sudo) {
    if (has_no_new_privileges()) GTEST_SKIP() << "needs a process without no_new_privs: that cannot be undone";
    EXPECT_TRUE(refuse_system_calls(no_filter, false).ok());
    Directory place;
    const auto ran = shell("gyre-injob supervise --socket /dev/null/none", place);
    EXPECT_NE(ran.output.find("connecting to the agent"), std::string::npos) << "it went on: " << ran.output;
}

TEST(SystemCalls, are_not_left_to_the_root_of_a_container_whose_engine_forgot_no_new_privileges) {
    if (has_no_new_privileges()) GTEST_SKIP() << "needs a process without no_new_privs: that cannot be undone";
    EXPECT_EQ(refuse_system_calls(no_filter, true).error().fault, Fault::unavailable);
    Directory place;
    const auto ran = shell("gyre-injob supervise --refuse-calls --socket /dev/null/none", place);
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.output.find("without no-new-privileges"), std::string::npos) << ran.output;
}

}  // namespace
}  // namespace gyre::injob
