// SSH into the sandbox.

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "agent/executors/sandbox_in_test.h"
#include "agent/probe_in_test.h"
#include "agent/ssh/box_in_test.h"

namespace gyre::agent {
namespace {

class SandboxSsh : public ::testing::Test {
protected:
    void SetUp() override {
        if (!testing::has_openssh()) GTEST_SKIP() << "needs openssh-client";
        auto made = place.prepare();
        if (!made) GTEST_SKIP() << "needs a working sandbox: " << made.error().message;
        box = std::move(*made);
    }
    void TearDown() override { EXPECT_TRUE(!box || box->destroy().ok()); }

    testing::SandboxPlace place;
    std::unique_ptr<Box> box;
};

TEST_F(SandboxSsh, is_as_whole_as_into_any_box) {
    testing::expect_whole_ssh_into(*box, "/home/circleci", place.base + "/host-key");
}

TEST_F(SandboxSsh, has_the_walls_that_a_step_has) {
    const testing::Guest ann("ann");
    auto server = testing::open_ssh(*box, "/home/circleci", place.base + "/host-key");
    ASSERT_TRUE(server) << server.error().message;
    (*server)->let_in({ann.as_guest()});
    const char* facts =
        "id; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; "
        "cut -d: -f3 /proc/self/cgroup; readlink /proc/self/ns/pid /proc/self/ns/net /proc/self/ns/mnt";
    const auto seen = ann.does((*server)->port(), facts);
    EXPECT_EQ(seen.exit_code, 0) << seen.err;
    EXPECT_EQ(seen.out, testing::run(box->supervisor(), facts).output);
}

}  // namespace
}  // namespace gyre::agent
