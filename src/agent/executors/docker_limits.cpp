#include "agent/executors/docker_limits.h"

#include <fcntl.h>

#include "agent/executors/kernel_files.h"

namespace gyre::agent {
namespace {

// The controller's file `version1` where it has a hierarchy of its own, else `version2` of the common one.
std::string events_file(std::string_view cgroups, const std::string& root, const std::string& controller,
                        const std::string& version1, const std::string& version2) {
    std::string own;
    std::string common;
    each_cgroup(cgroups, [&](std::string_view controllers, const std::string& path) {
        if (lists(controllers, controller)) own = root + "/" + controller + path + "/" + version1;
        if (controllers.empty()) common = root + path + "/" + version2;
    });
    return own.empty() ? common : own;
}

std::optional<std::int64_t> counted(const std::string& file, std::optional<std::int64_t> (*count)(std::string_view)) {
    const auto events = read_start(AT_FDCWD, file);
    return events ? count(*events) : std::nullopt;
}

}  // namespace

std::string memory_events_file(std::string_view cgroups, const std::string& root) {
    return events_file(cgroups, root, "memory", "memory.oom_control", "memory.events");
}

std::string process_events_file(std::string_view cgroups, const std::string& root) {
    return events_file(cgroups, root, "pids", "pids.events", "pids.events");
}

std::optional<std::int64_t> count_kills(std::string_view events) { return number_after("oom_kill", events); }

std::optional<std::int64_t> count_refusals(std::string_view events) { return number_after("max", events); }

LimitWatch LimitWatch::of_peer(int connection) {
    LimitWatch watch;
    const pid_t peer = peer_of(connection);
    const auto cgroups = peer == 0 ? std::nullopt : read_start(AT_FDCWD, "/proc/" + std::to_string(peer) + "/cgroup");
    if (!cgroups) return watch;
    watch.memory_ = memory_events_file(*cgroups, cgroup_root);
    watch.processes_ = process_events_file(*cgroups, cgroup_root);
    return watch;
}

std::optional<std::int64_t> LimitWatch::kills() const { return counted(memory_, count_kills); }

std::optional<std::int64_t> LimitWatch::refusals() const { return counted(processes_, count_refusals); }

}  // namespace gyre::agent
