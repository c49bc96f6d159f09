#include "agent/held_gpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Gpus : public testing::Test {
protected:
    Gpus() {
        char place[] = "/tmp/gyre-gpus-XXXXXX";
        base_ = ::mkdtemp(place);
        for (const char* name : {"0", "1"}) known_.push_back({.kind = "nvidia.com/gpu", .name = name});
    }
    ~Gpus() override { std::filesystem::remove_all(base_); }

    Result<HeldGpus> take(int count, std::chrono::milliseconds patience = 0ms, int cancel = -1) {
        return HeldGpus::take(known_, count, base_ + "/gpus", patience, cancel);
    }
    HeldGpus taken(int count) {
        auto held = take(count);
        if (!held) throw std::runtime_error(held.error().message);
        return std::move(*held);
    }

    std::string base_;
    std::vector<CdiDevice> known_;
};

TEST_F(Gpus, belong_to_one_job_at_a_time) {
    auto first = taken(1);
    const auto second = taken(1);
    EXPECT_THAT(first.names(), ElementsAre("nvidia.com/gpu=0"));
    EXPECT_THAT(second.names(), ElementsAre("nvidia.com/gpu=1"));
    const auto third = take(1);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().fault, Fault::unavailable);
    EXPECT_THAT(third.error().message, HasSubstr("still in use"));
    first = {};
    EXPECT_THAT(taken(1).names(), ElementsAre("nvidia.com/gpu=0"));
}

TEST_F(Gpus, are_given_all_or_none) {
    auto one = taken(1);
    EXPECT_FALSE(take(2));
    EXPECT_THAT(taken(1).names(), ElementsAre("nvidia.com/gpu=1"));  // nothing was kept of what failed
    one = {};
    EXPECT_THAT(taken(2).names(), ElementsAre("nvidia.com/gpu=0", "nvidia.com/gpu=1"));
}

TEST_F(Gpus, are_waited_for_while_a_job_ends) {
    auto all = std::make_unique<HeldGpus>(taken(2));
    std::thread ending([&] { all.reset(); });
    EXPECT_TRUE(take(2, 30s));
    ending.join();
}

TEST_F(Gpus, come_back_when_an_agent_dies) {
    const pid_t agent = ::fork();
    if (agent == 0) {
        const auto held = take(2);
        ::raise(held ? SIGKILL : SIGTERM);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(agent, &status, 0), agent);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    EXPECT_TRUE(take(2));
}

TEST_F(Gpus, are_not_waited_for_by_a_job_that_is_stopped) {
    const auto all = taken(2);
    const Fd stop(::eventfd(1, EFD_CLOEXEC));
    const auto waited = take(1, 1h, stop.get());
    ASSERT_FALSE(waited);
    EXPECT_THAT(waited.error().message, HasSubstr("stopped"));
}

TEST_F(Gpus, that_are_not_here_are_told) {
    const auto three = take(3, 1h);
    ASSERT_FALSE(three);
    EXPECT_EQ(three.error().fault, Fault::not_found);
    EXPECT_THAT(three.error().message, HasSubstr("wants 3 GPUs, and this machine has only 2"));
    known_.clear();
    const auto one = take(1, 1h);
    ASSERT_FALSE(one);
    EXPECT_THAT(one.error().message, HasSubstr("wants 1 GPU, and this machine has none"));
}

TEST_F(Gpus, may_have_long_names) {
    known_ = {{.kind = std::string(190, 'v') + "/gpu", .name = std::string(190, 'n')}};
    const auto held = taken(1);
    EXPECT_FALSE(take(1)) << "it is one card still";
    EXPECT_THAT(held.names(), ElementsAre(known_[0].full_name()));
}

TEST_F(Gpus, are_the_same_by_another_name_and_with_more_nodes) {
    known_[0].own.nodes = {{"/dev/g0", "/dev/g0", "rw"}};
    known_[1].own.nodes = {{"/dev/g1", "/dev/g1", "rw"}};
    const auto held = taken(1);
    known_[0].name = "GPU-6c0f";
    known_[0].own.nodes.push_back({"/dev/dri/card0", "/dev/dri/card0", "rw"});
    EXPECT_THAT(taken(1).names(), ElementsAre("nvidia.com/gpu=1"));
    EXPECT_FALSE(take(2));
}

TEST_F(Gpus, that_share_a_node_are_apart_still) {
    for (auto& part : known_)
        part.own.nodes = {{"/dev/g0", "/dev/g0", "rw"}, {"/dev/cap" + part.name, "/dev/cap" + part.name, "r"}};
    const auto held = taken(1);
    EXPECT_THAT(taken(1).names(), ElementsAre("nvidia.com/gpu=1"));
}

TEST_F(Gpus, that_nobody_wants_touch_nothing) {
    EXPECT_THAT(taken(0).names(), IsEmpty());
    EXPECT_THAT(taken(-1).names(), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(base_ + "/gpus"));
}

}  // namespace
}  // namespace gyre::agent
