#include "agent/disk_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"

namespace gyre::agent {
namespace {

using ::testing::HasSubstr;
using testing::World;

constexpr std::int64_t megabyte = 1 << 20;
constexpr std::int64_t gigabyte = 1 << 30;

DiskSpace with_free(std::int64_t free) { return {.free = free, .size = 100 * gigabyte}; }

TEST(ScarcestSpace, is_that_of_the_disk_with_the_least_left) {
    const auto root = scarcest_space({"/"});
    const auto memory = scarcest_space({"/dev/shm"});
    ASSERT_TRUE(root && memory);
    const auto& least = root->free < memory->free ? *root : *memory;
    for (const auto& places : {std::vector<std::string>{"/", "/dev/shm"}, {"/dev/shm", "", "/gyre/is/not/here", "/"}})
        EXPECT_EQ(scarcest_space(places)->size, least.size);
    for (const auto& places : {std::vector<std::string>{}, {"", "/gyre/is/not/here"}, {"/proc"}})
        EXPECT_FALSE(scarcest_space(places)) << "there are no blocks";
}

TEST(DiskPlan, counts_nothing_where_nothing_is_limited) {
    const DiskPlan plan({});
    EXPECT_FALSE(plan.is_due(with_free(0), 0));
    EXPECT_FALSE(plan.is_due(std::nullopt, 1'000'000));
}

TEST(DiskPlan, counts_again_when_the_disk_lost_what_the_job_still_had) {
    DiskPlan plan({.of_job = 10 * gigabyte});
    EXPECT_TRUE(plan.is_due(with_free(50 * gigabyte), 0)) << "nothing is known yet";
    EXPECT_EQ("", plan.counted(4 * gigabyte, with_free(50 * gigabyte), 0, 0));
    EXPECT_FALSE(plan.is_due(with_free(45 * gigabyte), 2'000)) << "at most 9 of 10";
    EXPECT_TRUE(plan.is_due(with_free(44 * gigabyte), 2'000));
}

TEST(DiskPlan, counts_now_and_then_whatever_the_disk_says) {
    DiskPlan plan({.of_job = 10 * gigabyte});
    (void)plan.counted(0, with_free(50 * gigabyte), 0, 0);
    EXPECT_FALSE(plan.is_due(with_free(50 * gigabyte), 59'999));
    EXPECT_TRUE(plan.is_due(with_free(50 * gigabyte), 60'000));
    EXPECT_FALSE(plan.is_due(std::nullopt, 59'999)) << "the disk is not known";
    EXPECT_TRUE(plan.is_due(std::nullopt, 60'000));
}

TEST(DiskPlan, takes_no_more_than_a_share_of_the_time) {
    DiskPlan plan({.of_job = 10 * gigabyte, .floor = gigabyte});
    (void)plan.counted(0, with_free(50 * gigabyte), 3'000, 4'000);
    EXPECT_FALSE(plan.is_due(with_free(gigabyte), 23'999));
    EXPECT_TRUE(plan.is_due(with_free(gigabyte), 24'000));
}

TEST(DiskPlan, waits_for_a_job_of_many_files_no_longer_than_the_disk_may_take) {
    DiskPlan plan({.of_job = 10 * gigabyte, .floor = gigabyte});
    (void)plan.counted(0, with_free(50 * gigabyte), 0, 60'000);
    EXPECT_TRUE(plan.is_due(with_free(50 * gigabyte), 120'000));
    (void)plan.counted(0, with_free(0), 0, 60'000);
    EXPECT_TRUE(plan.is_due(with_free(0), 70'000));
}

TEST(DiskPlan, ends_a_job_over_its_limit) {
    DiskPlan plan({.of_job = 10 * gigabyte});
    EXPECT_EQ("", plan.counted(10 * gigabyte, std::nullopt, 0, 0));
    EXPECT_EQ("the job's files take 11.0 GB of the disk, more than the 10.0 GB that a job may (job_disk_mb)",
              plan.counted(11 * gigabyte, std::nullopt, 0, 0));
}

TEST(DiskPlan, ends_a_job_that_takes_much_of_a_disk_below_its_floor) {
    DiskPlan plan({.floor = gigabyte});
    EXPECT_FALSE(plan.is_due(with_free(gigabyte), 0));
    EXPECT_FALSE(plan.is_due(std::nullopt, 0)) << "a disk that is not known has no floor";
    EXPECT_TRUE(plan.is_due(with_free(gigabyte - 1), 0));
    EXPECT_EQ("", plan.counted(40 * gigabyte, with_free(gigabyte), 0, 0));
    EXPECT_EQ("", plan.counted(9 * gigabyte, with_free(gigabyte / 2), 0, 0)) << "others filled it";
    EXPECT_EQ(
        "the disk of this machine has 512.0 MB left of the 1.0 GB that are kept free (disk_floor_mb), and this job's "
        "files take 10.0 GB of it",
        plan.counted(10 * gigabyte, with_free(gigabyte / 2), 0, 0));
}

TEST(DiskPlan, a_small_disk_has_nobody_to_blame_below_the_floor_itself) {
    DiskPlan plan({.floor = gigabyte});
    const DiskSpace small{.free = 0, .size = 5 * gigabyte};
    EXPECT_EQ("", plan.counted(gigabyte - 1, small, 0, 0));
    EXPECT_NE("", plan.counted(gigabyte, small, 0, 0));
}

// Counts what it is told to, and lets the job see that.
class TestMeter final : public DiskMeter {
public:
    TestMeter(std::int64_t bytes, std::string seen) : bytes_(bytes), seen_(std::move(seen)) {}
    std::vector<std::string> places(int) override { return {"/"}; }
    Result<std::int64_t> occupied(int) override {
        if (++looks_ == 2) std::ofstream(seen_) << "";  // what followed from the first is known by then
        return bytes_;
    }

private:
    std::int64_t bytes_;
    std::string seen_;
    int looks_ = 0;
};

class DiskWatchTest : public ::testing::Test {
protected:
    DiskWatchTest() {
        world.usage_times.every = std::chrono::milliseconds(1);
        world.usage_times.told_every = std::chrono::milliseconds(60'000);
        world.disk_limits.of_job = megabyte;
    }
    World world;
};

TEST_F(DiskWatchTest, a_job_that_takes_too_much_ends_in_its_step_and_says_why) {
    world.run("head -c 3000000 /dev/zero > ~/much; sleep 600").run("echo later", StepCondition::always).start();
    EXPECT_EQ("failed", world.how()) << "no other attempt would do better";
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("more than the 1.0 MB that a job may (job_disk_mb)"));
    EXPECT_THAT(world.output(0), HasSubstr("the job's files take "));
    EXPECT_EQ(StepStatus::failed, world.record(0).status);
}

TEST_F(DiskWatchTest, a_job_that_takes_less_goes_on) {
    const std::string seen = world.files() + "/seen";
    world.box_made = [&](testing::HostBox& box) {
        box.disk_meter_ = [&] { return std::make_unique<TestMeter>(megabyte, seen); };
    };
    world.run("until [ -e " + seen + " ]; do sleep 0.01; done; echo done").start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("done\n", world.output(0));
}

}  // namespace
}  // namespace gyre::agent
