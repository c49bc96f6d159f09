// What attempts tell of what they used.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>

#include <atomic>

#include "agent/attempt_harness.h"
#include "base/fd.h"
#include "model/resource_usage.h"

namespace gyre::agent {
namespace {

using ::testing::IsEmpty;
using testing::World;

ResourceUsage told(const World& world) {
    auto usage = read_usage(world.gateway.usage);
    EXPECT_TRUE(usage.ok()) << usage.error().message;
    return usage ? *usage : ResourceUsage{};
}

TEST(Usage, of_a_short_job_comes_with_its_end_and_has_no_samples) {
    World world;
    world.run("exit 3").start();
    const auto usage = told(world);
    EXPECT_EQ(world.assignment.resources, usage.limits);
    EXPECT_THAT(usage.samples.at_ms, IsEmpty());
}

TEST(Usage, of_a_job_without_a_box_is_not_told) {
    World world;
    world.refusal = unavailable("no");
    world.run("true").start();
    EXPECT_EQ("infrastructure_failed", world.how());
    EXPECT_EQ("", world.gateway.usage);
}

// Until somebody reads the file.
void wait_for_reader(const std::string& path) {
    const Fd looks(inotify_init1(IN_CLOEXEC));
    ASSERT_GE(inotify_add_watch(looks.get(), path.c_str(), IN_ACCESS), 0);
    pollfd look{looks.get(), POLLIN, 0};
    EXPECT_EQ(1, poll(&look, 1, 60'000)) << "nobody looked";
}

// Counts 7 ms of CPU, looks all the time, and runs until enough() is called.
class CountedWorld : public World {
public:
    CountedWorld() {
        std::ofstream(counter) << "usage_usec 7000\n";
        box_made = [this](testing::HostBox& box) { box.usage_files_ = UsageFiles{.cpu = counter}; };
        usage_times.every = std::chrono::milliseconds(1);
        run("while [ ! -e " + files() + "/enough ]; do sleep 0.01; done");
    }
    void enough() { std::ofstream(files() + "/enough") << ""; }
    const std::string counter = files() + "/cpu.stat";
};

TEST(Usage, is_told_while_the_job_runs) {
    CountedWorld world;
    world.usage_times.told_every = std::chrono::milliseconds(1);
    auto running = world.start_aside();
    EXPECT_TRUE(world.gateway.wait_until([](const FakeGateway& server) { return server.usages_so_far.size() >= 2; }));
    world.enough();
    running.join();
    const auto first = read_usage(world.gateway.usages_so_far.front());
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(7, first->totals.cpu_ms);
    EXPECT_EQ(first->samples.at_ms.back(), first->wall_ms) << "as of the last sample";
    EXPECT_EQ(world.assignment.resources, first->limits);
}

TEST(Usage, is_told_no_more_to_a_server_that_does_not_know_the_call) {
    CountedWorld world;
    world.usage_times.told_every = std::chrono::milliseconds(1);
    world.gateway.knows_usage = false;
    auto running = world.start_aside();
    EXPECT_TRUE(world.gateway.wait_until([](const FakeGateway& server) { return server.usages_so_far.size() == 1; }));
    wait_for_reader(world.counter);
    wait_for_reader(world.counter);
    world.enough();
    running.join();
    EXPECT_EQ(1U, world.gateway.usages_so_far.size());
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ(7, told(world).totals.cpu_ms);
}

TEST(Usage, that_finds_no_server_holds_up_no_job) {
    CountedWorld world;
    std::atomic<bool> asked = false;
    world.usage_times.told_every = std::chrono::milliseconds(1);
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        if (what != "usage") return Mishap::none;
        asked = true;
        return Mishap::hang_up;
    };
    auto running = world.start_aside();
    EXPECT_TRUE(world.gateway.wait_until([&](const FakeGateway&) { return asked.load(); }));
    world.enough();
    running.join();
    EXPECT_EQ("succeeded", world.how());
}

TEST(Usage, of_a_longer_job_has_samples) {
    CountedWorld world;
    const std::string& counter = world.counter;
    auto running = world.start_aside();
    wait_for_reader(counter);
    world.enough();
    running.join();
    const auto usage = told(world);
    EXPECT_GE(usage.samples.cpu_ms.size(), 1U);
    EXPECT_EQ(7, usage.samples.cpu_ms.back());
    EXPECT_EQ(7, usage.totals.cpu_ms);
}

}  // namespace
}  // namespace gyre::agent
