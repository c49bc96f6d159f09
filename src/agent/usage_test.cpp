// What attempts tell of what they used.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>

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

TEST(Usage, of_a_longer_job_has_samples) {
    World world;
    const std::string counter = world.files() + "/cpu.stat";
    std::ofstream(counter) << "usage_usec 7000\n";
    world.box_made = [&](testing::HostBox& box) { box.usage_files_ = UsageFiles{.cpu = counter}; };
    world.usage_every = std::chrono::milliseconds(1);
    world.run("while [ ! -e " + world.files() + "/enough ]; do sleep 0.01; done");
    auto running = world.start_aside();
    wait_for_reader(counter);
    std::ofstream(world.files() + "/enough") << "";
    running.join();
    const auto usage = told(world);
    EXPECT_GE(usage.samples.cpu_ms.size(), 1U);
    EXPECT_EQ(7, usage.samples.cpu_ms.back());
    EXPECT_EQ(7, usage.totals.cpu_ms);
}

}  // namespace
}  // namespace gyre::agent
