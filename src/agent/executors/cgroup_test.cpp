#include "agent/executors/cgroup.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/executors/cgroup_room.h"
#include "agent/executors/small_files.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

TEST(Cgroups, of_version_1_are_found_by_controller) {
    const auto places =
        find_cgroups("4:memory:/agents/a\n1:cpu,cpuacct:/\n0::/\n",
                     "30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                     "31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:3 - cgroup cgroup rw,cpu,cpuacct\n"
                     "32 25 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    ASSERT_EQ(places.size(), 3U);
    EXPECT_EQ(places[0].directory, "/sys/fs/cgroup/memory/agents/a");
    EXPECT_EQ(places[1].directory, "/sys/fs/cgroup/cpu,cpuacct");
    EXPECT_TRUE(places[2].unified());
}

TEST(Cgroups, of_version_2_are_found_below_a_mount_of_a_part) {
    const auto places = find_cgroups("0::/system.slice/gyre.service\n",
                                     "32 25 0:28 /system.slice /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    ASSERT_EQ(places.size(), 1U);
    EXPECT_EQ(places[0].directory, "/sys/fs/cgroup/gyre.service");
}

TEST(Cgroups, whose_makers_are_dead_are_swept) {
    const std::string name = "test-" + std::to_string(getpid());
    auto group = Cgroup::make(name, {1 << 30, 1000, 100});
    if (group.directories().empty()) GTEST_SKIP() << "needs a host where this user may make control groups";
    const auto directories = group.directories();
    sweep_cgroups();
    for (const auto& directory : directories) EXPECT_TRUE(fs::exists(directory)) << "it is in use";
    group = Cgroup();  // forgotten, not removed
    sweep_cgroups();
    for (const auto& directory : directories) EXPECT_FALSE(fs::exists(directory));
}

TEST(Cgroups, that_nobody_can_make_limit_nothing_and_say_so) {
    const Cgroup none;
    EXPECT_EQ(none.missing(), (std::vector<std::string>{"memory", "CPU", "processes"}));
    EXPECT_EQ(none.oom_kills(), 0);
    EXPECT_EQ(none.processes_refused(), 0);
}

// A group of version 2 with one process in it, as that of a service.
class CgroupRoom : public testing::Test {
protected:
    void SetUp() override {
        for (const auto& place : find_cgroups(read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo")))
            if (place.unified()) group_ = place.directory + "/gyre-test-room-" + std::to_string(getpid());
        if (group_.empty() || mkdir(group_.c_str(), 0755) != 0)
            GTEST_SKIP() << "needs a host where this user may make control groups of version 2";
        process_ = fork();
        if (process_ == 0) {
            pause();
            _exit(0);
        }
        std::ofstream(group_ + "/cgroup.procs") << process_ << std::endl;
        ASSERT_EQ(processes_in(group_), std::vector{process_});
    }
    void TearDown() override {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
        if (group_.empty()) return;
        remove_cgroup(group_ + "/gyre-own");
        remove_cgroup(group_);
    }

    std::string group_;
    pid_t process_ = 0;
};

TEST_F(CgroupRoom, is_made_by_moving_what_is_in_it) {
    EXPECT_FALSE(hands_down(group_));
    EXPECT_FALSE(is_in(group_)) << "another process is";
    ASSERT_TRUE(vacate(group_));
    EXPECT_TRUE(hands_down(group_));
    EXPECT_EQ(processes_in(group_ + "/gyre-own"), std::vector{process_});
    EXPECT_TRUE(vacate(group_)) << "another agent did it before";
}

TEST_F(CgroupRoom, is_ours_to_make_where_systemd_delegated_it) {
    EXPECT_FALSE(is_delegated(group_));
    if (setxattr(group_.c_str(), "user.delegate", "1", 1, 0) != 0)
        GTEST_SKIP() << "needs Linux 5.7: attributes of control groups";
    EXPECT_TRUE(is_delegated(group_));
    setxattr(group_.c_str(), "user.delegate", "0", 1, 0);
    EXPECT_FALSE(is_delegated(group_));
}

TEST(CgroupRoomOfNothing, is_none) {
    EXPECT_TRUE(processes_in("/no/such/group").empty());
    EXPECT_FALSE(is_delegated("/no/such/group"));
}

}  // namespace
}  // namespace gyre::agent
