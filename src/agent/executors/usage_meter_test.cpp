#include "agent/executors/usage_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace gyre::agent {
namespace {

using testing::HasSubstr;

std::optional<DiskBytes> counted_of_this_process() {
    std::ifstream file("/proc/self/io");
    return process_bytes_in(std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(UsageMeter, finds_the_counters_of_a_group_in_hierarchies_of_either_version) {
    const auto hybrid =
        usage_files_of("7:blkio:/docker/a1\n4:memory:/m/docker/a1\n2:cpu,cpuacct:/docker/a1\n0::/\n", "/cg");
    EXPECT_EQ("/cg/cpuacct/docker/a1/cpuacct.usage", hybrid.cpu);
    EXPECT_EQ("/cg/memory/m/docker/a1/memory.max_usage_in_bytes", hybrid.memory_peak);
    EXPECT_EQ("/cg/blkio/docker/a1/blkio.throttle.io_service_bytes_recursive", hybrid.disk);
    const auto unified = usage_files_of("0::/system.slice/docker-a1.scope\n", "/cg");
    EXPECT_EQ("/cg/system.slice/docker-a1.scope/cpu.stat", unified.cpu);
    EXPECT_EQ("/cg/system.slice/docker-a1.scope/memory.current", unified.memory);
    EXPECT_EQ("/cg/system.slice/docker-a1.scope/io.stat", unified.disk);
    const auto mixed = usage_files_of("0::/a\n4:memory:/b", "/cg");
    EXPECT_EQ("/cg/memory/b/memory.stat", mixed.memory_stat);
    EXPECT_EQ("/cg/a/cpu.stat", mixed.cpu);
}

TEST(UsageMeter, counts_nothing_of_the_whole_machine_or_of_groups_above_its_own) {
    for (const char* cgroups : {"", "\n", ":", "::", "4:memory", "4:memory:", "4:memory:/", "0::/", "4:memory:/../x",
                                "0::/../../x", "4:memory:relative", "4:mem:/x", "no\ncolons\n"}) {
        const auto files = usage_files_of(cgroups, "/cg");
        EXPECT_EQ("", files.cpu + files.memory + files.memory_stat + files.memory_peak + files.disk) << cgroups;
    }
}

TEST(UsageMeter, reads_processor_times_and_sizes) {
    const std::vector<std::pair<std::string, std::optional<std::int64_t>>> table{
        {"1234567890\n", 1'234'567},
        {"0", 0},
        {"usage_usec 42\nuser_usec 40\nsystem_usec 2\n", 42},
        {"user_usec 40\nusage_usec 42", 42},
        {"", std::nullopt},
        {"\n", std::nullopt},
        {"-5\n", std::nullopt},
        {"5 6\n", std::nullopt},
        {"99999999999999999999\n", std::nullopt},
        {"0x10\n", std::nullopt},
        {"usage_usec\n", std::nullopt},
        {"usage_usec -1\n", std::nullopt},
        {"usage_usec 99999999999999999999\n", std::nullopt},
        {"usage_usecs 5\n", std::nullopt},
        {std::string("7\0\n", 3), std::nullopt},
    };
    for (const auto& [text, microseconds] : table) EXPECT_EQ(microseconds, cpu_us_in(text)) << text;
    EXPECT_EQ(4096, number_in("4096\n"));
    EXPECT_EQ(largest_usage_number, number_in("9007199254740992"));
    for (const char* text : {"", "max\n", "9007199254740993", " 1", "1.5", "1e3"})
        EXPECT_EQ(std::nullopt, number_in(text)) << text;
    EXPECT_EQ(7, idle_files_in("cache 9\ninactive_file 5\ntotal_inactive_file 7\n"));
    EXPECT_EQ(5, idle_files_in("anon 1\ninactive_file 5\n"));
    EXPECT_EQ(std::nullopt, idle_files_in("inactive_file many\n"));
}

TEST(UsageMeter, reads_bytes_of_disks) {
    const std::vector<std::pair<std::string, std::optional<DiskBytes>>> table{
        {"8:0 Read 4096\n8:0 Write 512\n8:0 Sync 1\n8:0 Total 4608\n8:16 Read 4\n8:16 Write 0\nTotal 4612\n",
         {{4100, 512}}},
        {"Total 0\n", std::nullopt},
        {"", {{0, 0}}},  // version 2, nothing yet
        {"8:0 rbytes=10 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n253:0 rbytes=1 wbytes=2\n", {{11, 22}}},
        {"8:0\n", std::nullopt},
        {"8:0 rbytes= wbytes=x\n", std::nullopt},
        {"8:0 Read\n", std::nullopt},
        {"8:0 Read -4\n", std::nullopt},
        {"Total many\n", std::nullopt},
        {"garbage\n", std::nullopt},
        {"8:0 Read 9007199254740992\n8:16 Read 9007199254740992\n", {{largest_usage_number, 0}}},
    };
    for (const auto& [text, bytes] : table) EXPECT_EQ(bytes, disk_bytes_in(text)) << text;
}

TEST(UsageMeter, reads_bytes_of_processes) {
    const std::string whole =
        "rchar: 9\nwchar: 9\nsyscr: 1\nsyscw: 1\nread_bytes: 4096\nwrite_bytes: 512\n"
        "cancelled_write_bytes: 7\n";
    EXPECT_EQ((DiskBytes{4096, 512}), process_bytes_in(whole));
    for (const char* text :
         {"", "read_bytes: 1\n", "read_bytes: x\nwrite_bytes: 1\n", "read_bytes: -1\nwrite_bytes: 1\n",
          "read_bytes: 99999999999999999999\nwrite_bytes: 1\n", "cancelled_write_bytes: 1\n"})
        EXPECT_EQ(std::nullopt, process_bytes_in(text)) << text;
}

TEST(UsageMeter, adds_up_what_processes_wrote_where_groups_count_no_disks) {
    char place[] = "/var/tmp/gyre-usage-XXXXXX";  // a disk
    const std::filesystem::path root = ::mkdtemp(place);
    const auto before = counted_of_this_process();
    std::ofstream(root / "file") << std::string(1 << 20, 'x') << std::flush;
    const auto after = counted_of_this_process();
    if (!after || after->written == before->written) {
        std::filesystem::remove_all(root);
        GTEST_SKIP() << "needs a kernel that counts what processes write to /var/tmp (CONFIG_TASK_IO_ACCOUNTING)";
    }
    std::ofstream(root / "cgroup.procs") << ::getpid() << "\nno number\n999999999\n";
    UsageFiles files;
    add_version_1_files(files, "memory", root.string());
    UsageMeter meter(files);
    const auto written = meter.read()[0].written_bytes;
    EXPECT_GE(written.value_or(0), 1 << 20);
    std::ofstream(root / "cgroup.procs") << "";  // all have ended
    EXPECT_EQ(written, meter.read_last()[0].written_bytes) << "it never falls";
    std::filesystem::remove_all(root);
}

TEST(UsageMeter, reads_bytes_of_networks_but_of_no_loopback) {
    const std::string heading =
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls\n";
    const std::vector<std::pair<std::string, std::optional<NetworkBytes>>> table{
        {heading + "    lo:  100 1 0 0 0 0 0 0 100 1 0 0 0 0 0 0\n  eth0: 1024 8 0 0 0 0 0 0 77 5 0 0 0 0 0 0\n",
         {{1024, 77}}},
        {heading + "eth0:1 0 0 0 0 0 0 0 2 0\neth1:10 0 0 0 0 0 0 0 20 0\n", {{11, 22}}},
        {heading + "    lo:  100 1 0 0 0 0 0 0 100 1\n", {{0, 0}}},
        {heading, std::nullopt},
        {"", std::nullopt},
        {"eth0:\n", std::nullopt},
        {"eth0: 1 2 3\n", std::nullopt},
        {"eth0: x 0 0 0 0 0 0 0 2\n", std::nullopt},
        {"eth0: 1 0 0 0 0 0 0 0 -2\n", std::nullopt},
    };
    for (const auto& [text, bytes] : table) EXPECT_EQ(bytes, network_bytes_in(text)) << text;
}

TEST(UsageMeter, reads_files_and_misses_those_that_are_not_there) {
    char place[] = "/tmp/gyre-usage-XXXXXX";
    const std::filesystem::path root = ::mkdtemp(place);
    const auto write = [&](const char* name, const std::string& text) { std::ofstream(root / name) << text; };
    UsageFiles files;
    add_version_2_files(files, root.string());
    write("cpu.stat", "usage_usec 5\n");
    write("memory.current", "100\n");
    write("memory.stat", "inactive_file 30\n");
    write("memory.peak", std::string(1 << 20, '9'));
    UsageMeter meter(files);
    EXPECT_THAT(meter.read(), testing::ElementsAre(UsageReading{.cpu_us = 5, .memory_bytes = 70}));
    EXPECT_THAT(meter.read_last(), testing::ElementsAre(UsageReading{.cpu_us = 5}));
    write("memory.stat", "inactive_file 300\n");  // read a moment later
    EXPECT_EQ(0, meter.read()[0].memory_bytes);
    std::filesystem::remove_all(root);
    EXPECT_THAT(meter.read(), testing::ElementsAre(UsageReading{}));
    EXPECT_TRUE(UsageMeter().read().empty());
}

TEST(UsageMeter, of_containers_needs_a_process_at_the_other_end) {
    EXPECT_TRUE(UsageMeter::of_containers(-1, {"a"}).read().empty());
    std::array<int, 2> ends{};
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()));
    const Fd ours(ends[0]);
    const Fd theirs(ends[1]);
    EXPECT_TRUE(UsageMeter::of_containers(ours.get(), {}).read().empty());
    const auto readings = UsageMeter::of_containers(ours.get(), {"no-such-name", "another"}).read();
    ASSERT_EQ(2U, readings.size());
    EXPECT_EQ(UsageReading{}, readings[1]) << "where the name does not stand, its neighbour cannot be found";
    EXPECT_FALSE(readings[0].received_bytes.has_value()) << "this network is not the container's own";
}

}  // namespace
}  // namespace gyre::agent
