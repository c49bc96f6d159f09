#pragma once

// Reads what groups of processes have used, from the files of their control groups, of either version, and from what
// the kernel counts of their network. A file that is not there, or says what it should not, counts nothing. One thread
// at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/usage_series.h"
#include "base/fd.h"

namespace gyre::agent {

// Where one group's counters are; empty: not counted.
struct UsageFiles {
    std::string cpu;
    std::string memory;
    std::string memory_stat;
    std::string memory_peak;
    std::string disk;
    std::string processes;  // who is in the group; of version 1 alone, where the kernel may count no disks
};

// The files below the directory of a group, by controller. Version 1 has a directory a controller, version 2 one for
// all. What other directories gave already stays.
void add_version_1_files(UsageFiles& files, std::string_view controller, const std::string& directory);
void add_version_2_files(UsageFiles& files, const std::string& directory);

// From /proc/<pid>/cgroup, where hierarchies are mounted below `root`. A group that is the whole machine's counts
// nothing.
UsageFiles usage_files_of(std::string_view cgroups, const std::string& root);

// What the files say. Nothing: not what such a file should say.
std::optional<std::int64_t> cpu_us_in(std::string_view text);      // cpuacct.usage; cpu.stat
std::optional<std::int64_t> number_in(std::string_view text);      // memory.usage_in_bytes; memory.current, ...
std::optional<std::int64_t> idle_files_in(std::string_view text);  // memory.stat: could go without being missed
struct DiskBytes {
    std::int64_t read = 0;
    std::int64_t written = 0;
    bool operator==(const DiskBytes&) const = default;
};
std::optional<DiskBytes> process_bytes_in(std::string_view text);  // /proc/<pid>/io
std::optional<DiskBytes> disk_bytes_in(std::string_view text);     // blkio.throttle.io_service_bytes; io.stat
struct NetworkBytes {
    std::int64_t received = 0;
    std::int64_t sent = 0;
    bool operator==(const NetworkBytes&) const = default;
};
std::optional<NetworkBytes> network_bytes_in(std::string_view text);  // /proc/<pid>/net/dev; without the loopback

class UsageMeter {
public:
    UsageMeter() = default;
    explicit UsageMeter(UsageFiles files) { groups_.push_back({std::move(files)}); }

    // The groups of containers, of which the first has the process at the other end of a connected unix socket in it.
    // `names` are the containers' own, the first's first: the others' groups are where their names stand in its place.
    static UsageMeter of_containers(int connection, const std::vector<std::string>& names);

    // Where the kernel counts no disks by groups, what the processes of the group read and wrote is added up. What
    // ended is in the numbers of who waited for it; so one look may miss what another saw, and never less is told than
    // before.
    std::vector<UsageReading> read();
    // Without what changes while nothing runs any more, and costs the most: the memory of now.
    std::vector<UsageReading> read_last();

private:
    struct Group {
        UsageFiles files;
        bool is_counted_by_disk = false;             // from the first number on
        std::optional<DiskBytes> of_processes = {};  // the most seen
    };
    std::vector<UsageReading> read(bool memory_now);
    static void add_disk(UsageReading& reading, Group& group);

    std::vector<Group> groups_;
    Fd process_;  // its directory in /proc, where its network is its own; the network counts for the first group
};

}  // namespace gyre::agent
