#include "agent/spread_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "agent/attempt_directory.h"

namespace gyre::agent {
namespace {

class SpreadDirectory : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/var/tmp/gyre-spread-XXXXXX";
        directory_ = ::mkdtemp(pattern);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    void need_ext4() const {
        if (!keeps_children_together(directory_)) GTEST_SKIP() << "needs /var/tmp on ext4";
    }
    std::string directory_;
};

TEST_F(SpreadDirectory, is_what_attempts_are_made_in) {
    need_ext4();
    if (IsSkipped()) return;
    ASSERT_TRUE(AttemptDirectory::create(directory_, "a-0-a1").ok());
    EXPECT_FALSE(keeps_children_together(directory_ + "/attempts"));
    EXPECT_TRUE(keeps_children_together(directory_)) << "is somebody else's";
}

TEST_F(SpreadDirectory, stays_one) {
    need_ext4();
    if (IsSkipped()) return;
    let_children_spread(directory_);
    let_children_spread(directory_);
    EXPECT_FALSE(keeps_children_together(directory_));
}

TEST_F(SpreadDirectory, is_nothing_that_a_name_leads_to_or_that_is_not_there) {
    std::filesystem::create_directory(directory_ + "/there");
    std::filesystem::create_symlink("there", directory_ + "/link");
    const bool before = keeps_children_together(directory_ + "/there");
    for (const char* name : {"/link", "/none", "/there/none"}) let_children_spread(directory_ + name);
    EXPECT_EQ(keeps_children_together(directory_ + "/there"), before);
    EXPECT_FALSE(keeps_children_together(directory_ + "/none"));
    EXPECT_FALSE(keeps_children_together("/proc"));
}

}  // namespace
}  // namespace gyre::agent
