#include "agent/executors/cgroup.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/executors/cgroup_room.h"

namespace gyre::agent {
namespace {

constexpr const char* name_prefix = "gyre-";
constexpr int cpu_period_us = 100'000;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at <= text.size()) {
        const auto end = std::min(text.find(separator, at), text.size());
        parts.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

bool write_text(const std::string& path, const std::string& text) {
    const Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// The number after `key` in "key number" lines.
std::int64_t counter(const std::string& path, std::string_view key) {
    std::istringstream lines(read_text(path));
    std::string name;
    std::int64_t value = 0;
    while (lines >> name >> value) {
        if (name == key) return value;
    }
    return 0;
}

// Where the group `own` is seen, through a mount of the hierarchy that begins at `root`.
std::string seen_at(const std::string& mount_point, const std::string& root, const std::string& own) {
    if (root == "/") return own == "/" ? mount_point : mount_point + own;
    if (own.starts_with(root)) return mount_point + own.substr(root.size());
    return mount_point;
}

struct CgroupMount {
    std::string root;
    std::string point;
    bool unified = false;
    std::vector<std::string> options;  // of the super block; controllers among them
};

// "36 35 0:30 / /sys/fs/cgroup/cpu rw,... shared:9 - cgroup cgroup rw,cpu"
std::vector<CgroupMount> cgroup_mounts(std::string_view mounts) {
    std::vector<CgroupMount> all;
    for (const auto& line : split(mounts, '\n')) {
        const auto dash = line.find(" - cgroup");
        if (dash == std::string::npos) continue;
        const auto fields = split(line.substr(0, dash), ' ');
        const auto rest = split(line.substr(dash + 3), ' ');
        if (fields.size() < 5 || rest.size() < 3) continue;
        all.push_back({fields[3], fields[4], rest[0] == "cgroup2", split(rest[2], ',')});
    }
    return all;
}

std::string words_only(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

bool make_group(const std::string& directory) { return mkdir(directory.c_str(), 0755) == 0 || errno == EEXIST; }

std::vector<std::string> offered_controllers(const std::string& group) {
    return split(words_only(read_text(group + "/cgroup.controllers")), ' ');
}

bool offers_limits(const std::string& group) {
    const auto offered = offered_controllers(group);
    return contains(offered, "memory") || contains(offered, "cpu") || contains(offered, "pids");
}

std::string parent_of(const std::string& group) { return group.substr(0, group.rfind('/')); }

}  // namespace

std::vector<CgroupPlace> find_cgroups(std::string_view own_groups, std::string_view mounts) {
    const auto mounted = cgroup_mounts(mounts);
    std::vector<CgroupPlace> places;
    for (const auto& line : split(own_groups, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() < 3) continue;
        const std::string own = line.substr(fields[0].size() + fields[1].size() + 2);
        const bool unified = fields[0] == "0" && fields[1].empty();
        const auto controllers = unified ? std::vector<std::string>{} : split(fields[1], ',');
        for (const auto& mount : mounted) {
            if (mount.unified != unified) continue;
            if (!unified && !contains(mount.options, controllers[0])) continue;
            places.push_back({seen_at(mount.point, mount.root, own), mount.point, controllers});
            break;
        }
    }
    return places;
}

Cgroup Cgroup::make(std::string_view name, const CgroupLimits& limits) {
    Cgroup group;
    const std::string directory = name_prefix + std::string(name);
    for (const auto& place : find_cgroups(read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo"))) {
        if (place.unified()) {
            group.add_version_2(place, directory, limits);
        } else {
            group.add_version_1(place, directory, limits);
        }
    }
    return group;
}

// Below our own group where that is ours to arrange; else beside it, if its parent lets us.
void Cgroup::add_version_2(const CgroupPlace& place, const std::string& name, const CgroupLimits& limits) {
    const auto& own = place.directory;
    if (!offers_limits(own)) return;
    const bool has_room = hands_down(own) || (is_in(own) && is_delegated(own) && vacate(own));
    if (has_room && add_below(own, name, limits)) return;
    const auto parent = parent_of(own);
    if (offers_limits(parent) && hands_down(parent)) add_below(parent, name, limits);
}

bool Cgroup::add_below(const std::string& parent, const std::string& name, const CgroupLimits& limits) {
    const auto offered = offered_controllers(parent);
    for (const char* controller : {"+memory", "+cpu", "+pids", "+io"})
        write_text(parent + "/cgroup.subtree_control", controller);
    const std::string directory = parent + "/" + name;
    if (!make_group(directory)) return false;
    const bool memory = write_text(directory + "/memory.max", std::to_string(limits.memory_bytes));
    const bool cpu = write_text(directory + "/cpu.max", std::to_string(limits.millicpus * (cpu_period_us / 1000)) +
                                                            " " + std::to_string(cpu_period_us));
    const bool processes = write_text(directory + "/pids.max", std::to_string(limits.processes));
    if (!memory && contains(offered, "memory")) {
        rmdir(directory.c_str());
        return false;
    }
    write_text(directory + "/memory.swap.max", "0");
    if (memory) views_.emplace_back(directory, "/sys/fs/cgroup");
    if (memory) memory_events_ = directory + "/memory.events";
    if (processes) process_events_ = directory + "/pids.events";
    memory_ = memory_ || memory;
    cpu_ = cpu_ || cpu;
    processes_ = processes_ || processes;
    add_version_2_files(usage_, directory);
    keep(directory);
    entrances_.unified = Fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    entrances_.unified_processes = Fd(open((directory + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    return true;
}

void Cgroup::keep(const std::string& directory) {
    directories_.push_back(directory);
    Fd lock(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock && flock(lock.get(), LOCK_SH) == 0) locks_.push_back(std::move(lock));
}

void Cgroup::add_version_1(const CgroupPlace& place, const std::string& name, const CgroupLimits& limits) {
    const bool memory = contains(place.controllers, "memory");
    const bool cpu = contains(place.controllers, "cpu");
    const bool processes = contains(place.controllers, "pids");
    const bool limited = memory || cpu || processes;
    const bool only_counted = contains(place.controllers, "cpuacct");  // not "blkio": it says too little for its price
    const std::string directory = place.directory + "/" + name;
    if ((!limited && !only_counted) || !make_group(directory)) return;
    for (const auto& controller : place.controllers) add_version_1_files(usage_, controller, directory);
    if (limited)
        views_.emplace_back(directory, "/sys/fs/cgroup" + place.mount_point.substr(place.mount_point.rfind('/')));
    if (memory) {
        memory_ = write_text(directory + "/memory.limit_in_bytes", std::to_string(limits.memory_bytes));
        write_text(directory + "/memory.memsw.limit_in_bytes", std::to_string(limits.memory_bytes));
        memory_events_ = directory + "/memory.oom_control";
    }
    if (cpu) {
        write_text(directory + "/cpu.cfs_period_us", std::to_string(cpu_period_us));
        cpu_ = write_text(directory + "/cpu.cfs_quota_us", std::to_string(limits.millicpus * (cpu_period_us / 1000)));
    }
    if (processes) {
        processes_ = write_text(directory + "/pids.max", std::to_string(limits.processes));
        process_events_ = directory + "/pids.events";
    }
    keep(directory);
    Fd tasks(open((directory + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
    if (tasks) entrances_.tasks.push_back(std::move(tasks));
}

std::vector<std::string> Cgroup::missing() const {
    std::vector<std::string> names;
    if (!memory_) names.emplace_back("memory");
    if (!cpu_) names.emplace_back("CPU");
    if (!processes_) names.emplace_back("processes");
    return names;
}

std::int64_t Cgroup::oom_kills() const { return memory_events_.empty() ? 0 : counter(memory_events_, "oom_kill"); }

std::int64_t Cgroup::processes_refused() const { return process_events_.empty() ? 0 : counter(process_events_, "max"); }

void Cgroup::remove() {
    entrances_ = {};
    locks_.clear();
    for (const auto& directory : directories_) remove_cgroup(directory);
    directories_.clear();
}

pid_t fork_into(const CgroupEntrances& cgroup, bool& born_inside) {
    if (cgroup.unified) {
        clone_args arguments{};
        arguments.flags = CLONE_INTO_CGROUP;
        arguments.exit_signal = SIGCHLD;
        arguments.cgroup = static_cast<std::uint64_t>(cgroup.unified.get());
        born_inside = true;
        const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
        if (pid >= 0) return pid;
        born_inside = false;
    }
    return fork();
}

bool enter(const CgroupEntrances& cgroup, bool born_inside) {
    bool everywhere = true;
    const auto go_into = [&](const Fd& entrance) {
        if (entrance && write(entrance.get(), "0", 1) < 0) everywhere = false;
    };
    for (const auto& tasks : cgroup.tasks) go_into(tasks);
    if (!born_inside) go_into(cgroup.unified_processes);
    return everywhere;
}

void sweep_cgroups() {
    for (const auto& place : find_cgroups(read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo"))) {
        for (const auto& parent : {place.directory, parent_of(place.directory)}) {
            std::error_code unreadable;
            for (const auto& entry : std::filesystem::directory_iterator(parent, unreadable)) {
                if (!entry.path().filename().string().starts_with(name_prefix)) continue;
                const Fd group(open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
                // one with processes in it stays, whoever made it
                if (group && flock(group.get(), LOCK_EX | LOCK_NB) == 0) rmdir(entry.path().c_str());
            }
        }
    }
}

void remove_cgroup(const std::string& directory) {
    for (int attempt = 0; attempt < 2000; ++attempt) {
        if (rmdir(directory.c_str()) == 0 || errno == ENOENT) return;
        if (errno != EBUSY) return;
        if (!write_text(directory + "/cgroup.kill", "1")) {
            for (const pid_t pid : processes_in(directory)) kill(pid, SIGKILL);
        }
        poll(nullptr, 0, 1);
    }
}

}  // namespace gyre::agent
