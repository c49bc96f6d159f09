// The sandbox's dealings with files of the host: trees to remove, records, accounts, mounts, control groups.

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "agent/executors/process_start.h"
#include "agent/executors/sandbox_host.h"
#include "agent/executors/sandbox_record.h"
#include "agent/executors/sandbox_tree.h"
#include "gtest/gtest.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

class SandboxFiles : public ::testing::Test {
protected:
    void SetUp() override {
        char place[] = "/tmp/gyre-sandbox-files-XXXXXX";
        base_ = mkdtemp(place);
    }
    void TearDown() override { EXPECT_TRUE(remove_tree(base_).ok()); }
    std::string base_;
};

TEST(SandboxEnd, is_a_signal_only_where_there_is_one_of_that_number) {
    const auto exited = [](int code) { return W_EXITCODE(code, 0); };
    const std::vector<std::pair<int, std::string>> ends{
        {W_EXITCODE(0, 9), "was killed by signal 9"},
        {exited(1), "ended unexpectedly (exit code 1)"},
        {exited(128), "ended unexpectedly (exit code 128)"},
        {exited(129), "was killed by signal 1"},
        {exited(137), "was killed by signal 9"},
        {exited(192), "was killed by signal 64"},
        {exited(193), "ended unexpectedly (exit code 193)"},
        {exited(255), "ended unexpectedly (exit code 255)"},
    };
    for (const auto& [status, told] : ends) EXPECT_EQ(described_end(status), told);
}

TEST_F(SandboxFiles, a_tree_with_unreadable_directories_is_removed) {
    fs::create_directories(base_ + "/t/a/b");
    std::ofstream(base_ + "/t/a/b/file") << "x";
    fs::permissions(base_ + "/t/a/b", fs::perms::none);
    fs::permissions(base_ + "/t/a", fs::perms::owner_read);
    EXPECT_TRUE(remove_tree(base_ + "/t").ok());
    EXPECT_FALSE(fs::exists(base_ + "/t"));
}

TEST_F(SandboxFiles, a_very_deep_tree_is_removed) {
    fs::create_directory(base_ + "/t");
    Fd here(open((base_ + "/t").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int depth = 0; depth < 500; ++depth) {
        ASSERT_EQ(mkdirat(here.get(), "d", 0755), 0);
        here = Fd(openat(here.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    EXPECT_TRUE(remove_tree(base_ + "/t").ok());
    EXPECT_FALSE(fs::exists(base_ + "/t"));
}

TEST_F(SandboxFiles, links_are_removed_and_not_followed) {
    fs::create_directories(base_ + "/keep");
    std::ofstream(base_ + "/keep/file") << "x";
    fs::create_directories(base_ + "/t");
    fs::create_symlink(base_ + "/keep", base_ + "/t/link");
    EXPECT_TRUE(remove_tree(base_ + "/t").ok());
    EXPECT_TRUE(fs::exists(base_ + "/keep/file"));
    fs::create_symlink(base_ + "/keep", base_ + "/t");
    EXPECT_TRUE(remove_tree(base_ + "/t").ok());
    EXPECT_TRUE(fs::exists(base_ + "/keep/file"));
    EXPECT_TRUE(remove_tree(base_ + "/never/was").ok());
    for (int i = 0; i < 20; ++i) {  // two agents that start sweep at the same time
        fs::create_directories(base_ + "/t/a/b/c");
        Result<void> other;
        std::thread sweeper([&] { other = remove_tree(base_ + "/t"); });
        EXPECT_TRUE(remove_tree(base_ + "/t").ok());
        sweeper.join();
        EXPECT_TRUE(other.ok()) << other.error().message;
    }
}

TEST_F(SandboxFiles, records_of_living_agents_are_left_alone) {
    fs::create_directories(base_ + "/box");
    auto record = SandboxRecord::open(base_ + "/records", "job-1");
    ASSERT_TRUE(record.ok());
    ASSERT_TRUE(record->write({.name = "job-1", .directory = base_ + "/box"}).ok());
    const auto nobody = [](std::string_view) { return false; };
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", nobody).ok());
    EXPECT_TRUE(fs::exists(base_ + "/box")) << "its lock is held";
    EXPECT_FALSE(SandboxRecord::open(base_ + "/records", "job-1").ok());
    record = unavailable("the agent died");
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", [](std::string_view name) { return name == "job-1"; }).ok());
    EXPECT_TRUE(fs::exists(base_ + "/box")) << "said to be alive";
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", nobody).ok());
    EXPECT_FALSE(fs::exists(base_ + "/box"));
    EXPECT_TRUE(fs::is_empty(base_ + "/records"));
}

// Found by killing agents: two that sweep met at a record, one of them passed over it, and nobody came back.
TEST_F(SandboxFiles, a_record_that_another_sweep_looks_at_is_swept_all_the_same) {
    fs::create_directories(base_ + "/box");
    auto record = SandboxRecord::open(base_ + "/records", "job-1");
    ASSERT_TRUE(record && record->write({.name = "job-1", .directory = base_ + "/box"}));
    record = unavailable("the agent died");
    std::future<Result<void>> sweeping;
    const auto looks = [&](std::string_view) {
        sweeping = std::async(std::launch::async, [&] {
            return sweep_sandboxes(base_ + "/records", [](std::string_view) { return false; });
        });
        sweeping.wait_for(std::chrono::milliseconds(100));  // a sweep that does not wait for us would be over
        return true;
    };
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", looks).ok());
    EXPECT_TRUE(sweeping.get().ok());
    EXPECT_FALSE(fs::exists(base_ + "/box"));
    EXPECT_TRUE(fs::is_empty(base_ + "/records"));
}

TEST_F(SandboxFiles, a_damaged_record_is_dropped) {
    fs::create_directories(base_ + "/records");
    std::ofstream(base_ + "/records/x.json") << "{\"directory\":";
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", [](std::string_view) { return false; }).ok());
    EXPECT_TRUE(fs::is_empty(base_ + "/records"));
}

TEST_F(SandboxFiles, a_record_is_replaced_whole_and_stays_locked) {
    auto record = SandboxRecord::open(base_ + "/records", "job-1");
    ASSERT_TRUE(record.ok());
    ASSERT_TRUE(record->write({.name = "job-1", .directory = std::string(500, 'x')}).ok());
    ASSERT_TRUE(record->write({.name = "job-1", .directory = base_ + "/box"}).ok());
    EXPECT_FALSE(SandboxRecord::open(base_ + "/records", "job-1").ok());
    std::ifstream file(base_ + "/records/job-1.json");
    std::string line;
    std::getline(file, line);
    EXPECT_NE(line.find("\"directory\":\"" + base_ + "/box\""), std::string::npos) << line;
    EXPECT_FALSE(std::getline(file, line));
    record->remove();
    EXPECT_TRUE(fs::is_empty(base_ + "/records"));
}

TEST_F(SandboxFiles, a_record_is_never_swept_while_it_is_made) {
    fs::create_directories(base_ + "/records");
    std::atomic<bool> done = false;
    std::thread sweeper([&] {
        while (!done) EXPECT_TRUE(sweep_sandboxes(base_ + "/records", [](std::string_view) { return false; }).ok());
    });
    for (int i = 0; i < 200; ++i) {
        auto record = SandboxRecord::open(base_ + "/records", "job-" + std::to_string(i));
        EXPECT_TRUE(record && record->write({.name = "job"}) && record->write({.name = "job"})) << i;
        EXPECT_TRUE(fs::exists(base_ + "/records/job-" + std::to_string(i) + ".json"));
    }
    done = true;
    sweeper.join();
}

TEST_F(SandboxFiles, what_cannot_be_removed_keeps_its_record) {
    fs::create_directories(base_ + "/file");
    std::ofstream(base_ + "/file/here") << "x";
    auto record = SandboxRecord::open(base_ + "/records", "job-1");
    ASSERT_TRUE(record.ok());
    ASSERT_TRUE(record->write({.name = "job-1", .directory = base_ + "/file/here/box"}).ok());
    record = unavailable("the agent died");
    const auto nobody = [](std::string_view) { return false; };
    const auto swept = sweep_sandboxes(base_ + "/records", nobody);
    ASSERT_FALSE(swept.ok());
    EXPECT_NE(swept.error().message.find("job-1"), std::string::npos) << swept.error().message;
    EXPECT_TRUE(fs::exists(base_ + "/records/job-1.json"));
    fs::remove(base_ + "/file/here");
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", nobody).ok());
    EXPECT_TRUE(fs::is_empty(base_ + "/records"));
}

TEST_F(SandboxFiles, a_sweep_ends_the_process_of_the_record_and_waits_for_its_end) {
    const pid_t process = fork();
    if (process == 0) {
        pause();
        _exit(0);
    }
    auto record = SandboxRecord::open(base_ + "/records", "job-1");
    ASSERT_TRUE(record.ok());
    ASSERT_TRUE(record
                    ->write({.name = "job-1",
                             .directory = base_ + "/box",
                             .process = process,
                             .process_started = process_start_time(process)})
                    .ok());
    record = unavailable("the agent died");
    EXPECT_TRUE(sweep_sandboxes(base_ + "/records", [](std::string_view) { return false; }).ok());
    int status = 0;
    EXPECT_EQ(waitpid(process, &status, WNOHANG), process) << "it had ended when the sweep had";
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(SandboxHost, accounts_inside_know_the_job_and_not_its_number_twice) {
    const std::string inside =
        passwd_inside("root:x:0:0:root:/root:/bin/bash\nann:x:1500:1500::/home/ann:/bin/sh\nodd\n", 1500, 1500);
    EXPECT_EQ(inside, "root:x:0:0:root:/root:/bin/bash\ncircleci:x:1500:1500:Gyre job:/home/circleci:/bin/bash\n");
    EXPECT_EQ(group_inside("root:x:0:\nann:x:1500:\n", 1500), "root:x:0:\ncircleci:x:1500:\n");
}

TEST(SandboxHost, file_systems_of_the_system_are_found) {
    const std::string mounts =
        "22 1 254:0 / / rw - ext4 /dev/vda rw\n23 22 0:5 / /proc rw - proc proc rw\n24 22 254:1 / /var rw - ext4 "
        "/dev/vdb rw\n"
        "25 24 254:2 / /var/lib/docker rw - ext4 /dev/vdc rw\n26 22 254:3 / /home rw - ext4 /dev/vdd rw\n"
        "27 22 254:4 / /usr rw - ext4 /dev/vde ro\n28 22 0:9 / /varnish rw - ext4 /dev/vdf rw\nodd line\n";
    EXPECT_EQ(system_mounts(mounts), (std::vector<std::string>{"/usr", "/var", "/var/lib/docker"}));
}

TEST(SandboxHost, process_start_times_tell_processes_apart) {
    EXPECT_GT(process_start_time(getpid()), 0);
    EXPECT_EQ(process_start_time(0), 0);
    const pid_t ended = ::fork();
    if (ended == 0) ::_exit(0);
    siginfo_t facts{};
    ::waitid(P_PID, static_cast<id_t>(ended), &facts, WEXITED | WNOWAIT);
    EXPECT_EQ(process_start_time(ended), 0) << "it has ended, though nobody has looked yet";
    ::waitpid(ended, nullptr, 0);
}

}  // namespace
}  // namespace gyre::agent
