// The demo promises much and checks all of it itself: here it runs for root and for an ordinary user.

#include <gtest/gtest.h>

#include <filesystem>

#include "support/leftovers.h"
#include "support/server.h"
#include "support/story.h"

namespace gyre::test {
namespace {

class Demo : public testing::Test {
protected:
    ~Demo() override {
        if (!directory_.empty() && !HasFailure()) std::filesystem::remove_all(directory_);
    }

    void runs_for(const User& user) {
        adopt_orphans();
        directory_ = make_directory_for(user);
        const Finished demo = run_as({.argv = {GYRE_SOURCE_DIR "/tools/demo/run", bin_directory()},
                                      .user = user,
                                      .home = directory_,
                                      .directory = directory_,
                                      .environment = {"GYRE_DEMO_DIR=" + directory_ + "/demo",
                                                      "DOCKER_HOST=unix://" + directory_ + "/no-engine"}});
        EXPECT_EQ(demo.exit_code, 0) << demo.out << demo.err;
        EXPECT_NE(demo.out.find("http://127.0.0.1:"), std::string::npos) << demo.out;
        EXPECT_EQ(described(descendants()), "");
        EXPECT_THAT(mounts_below(directory_), testing::IsEmpty());
    }

    std::string directory_;
};

TEST_F(Demo, turns_green_on_the_second_push) { runs_for(current_user()); }

TEST_F(Demo, works_for_an_ordinary_user) {
    if (const auto missing = ordinary_user_needs(); !missing.empty()) GTEST_SKIP() << missing;
    if (::getuid() != 0) GTEST_SKIP() << "needs root: the other test runs as an ordinary user already";
    runs_for(ordinary_user());
}

}  // namespace
}  // namespace gyre::test
