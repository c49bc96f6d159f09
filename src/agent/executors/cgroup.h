#pragma once

// Limits of one sandbox by control groups, of version 2 or 1 (one directory per controller; hybrids have both), made
// below the group of the agent itself or beside it, wherever this host lets us. What cannot be limited is named, never
// an error. The directories are removed by remove(), or by remove_cgroup() from a record of them after the agent has
// died. Not thread-safe.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/executors/usage_meter.h"
#include "base/fd.h"

namespace gyre::agent {

struct CgroupLimits {
    std::int64_t memory_bytes = 0;
    int millicpus = 0;  // 1000 = one CPU
    int processes = 0;
};

// Where the groups of this process are: parsed from /proc/self/cgroup and /proc/self/mountinfo.
struct CgroupPlace {
    std::string directory;
    std::string mount_point;
    std::vector<std::string> controllers;  // of version 1; empty for version 2
    bool unified() const { return controllers.empty(); }
};
std::vector<CgroupPlace> find_cgroups(std::string_view own_groups, std::string_view mounts);

// How a process gets into the group, in the ways that need no grace period of the kernel (that would be 10 ms): being
// born in it, or moving its only thread.
struct CgroupEntrances {
    std::vector<Fd> tasks;  // version 1: write "0"
    Fd unified;             // version 2: the directory, for CLONE_INTO_CGROUP
    Fd unified_processes;   // version 2, where that is not possible: write "0"
};

class Cgroup {
public:
    Cgroup() = default;
    Cgroup(Cgroup&&) = default;
    Cgroup& operator=(Cgroup&&) = default;

    // `name` becomes part of directory names. Always succeeds, perhaps with nothing limited.
    static Cgroup make(std::string_view name, const CgroupLimits& limits);

    const CgroupEntrances& entrances() const { return entrances_; }
    const std::vector<std::string>& directories() const { return directories_; }
    // What programs inside look at for their limits: our directories (first) at the usual places (second).
    const std::vector<std::pair<std::string, std::string>>& views() const { return views_; }
    // Where its counters are.
    const UsageFiles& usage() const { return usage_; }
    // Which limits are not enforced: "memory", "CPU", "processes".
    std::vector<std::string> missing() const;

    // Since it was made: processes killed for want of memory, and processes that could not be started.
    std::int64_t oom_kills() const;
    std::int64_t processes_refused() const;
    void remove();  // kills what is left in it

private:
    void add_version_1(const CgroupPlace& place, const std::string& name, const CgroupLimits& limits);
    void add_version_2(const CgroupPlace& place, const std::string& name, const CgroupLimits& limits);
    bool add_below(const std::string& parent, const std::string& name, const CgroupLimits& limits);
    void keep(const std::string& directory);

    std::vector<std::string> directories_;
    std::vector<std::pair<std::string, std::string>> views_;
    CgroupEntrances entrances_;
    UsageFiles usage_;
    std::vector<Fd> locks_;      // on the directories: they are in use for as long as this object lives
    std::string memory_events_;  // files
    std::string process_events_;
    bool memory_ = false;
    bool cpu_ = false;
    bool processes_ = false;
};

// fork() with the child born in the unified group where that is possible: then `born_inside` is set, in both.
pid_t fork_into(const CgroupEntrances& cgroup, bool& born_inside);
// In that child: enters the rest. Allocates nothing. False: some group could not be entered.
bool enter(const CgroupEntrances& cgroup, bool born_inside);

// Removes the empty groups, beside where ours would be, whose makers are dead.
void sweep_cgroups();

// Kills what is in the group and removes it, with patience of a few seconds.
void remove_cgroup(const std::string& directory);

}  // namespace gyre::agent
