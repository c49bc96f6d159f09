#include "apps/gyre/open_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace gyre::apps {
namespace {

TEST(OpenFiles, are_raised_to_what_is_allowed) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few{256, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    const auto raised = raise_open_files();
    rlimit now{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_EQ(static_cast<std::int64_t>(now.rlim_cur), raised);
    EXPECT_EQ(now.rlim_cur, std::min<rlim_t>(before.rlim_max, 65'536));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(OpenFiles, are_never_all_given_to_connections) {
    EXPECT_EQ(connections_within(1'024), 512);
    EXPECT_EQ(connections_within(4'096), 2'048);
    EXPECT_EQ(connections_within(65'536), 10'000);
}

}  // namespace
}  // namespace gyre::apps
