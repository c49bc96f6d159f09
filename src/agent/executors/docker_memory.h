#pragma once

// Whether the kernel has killed a process of a container for want of memory. Engines tell it late (docker, after the
// container's end) or not at all (podman); the container's memory cgroup counts it at once. It is found through the
// process at the other end of the supervisor's connection. Where that cannot be (an engine in a virtual machine, a
// cgroup that cannot be seen), nothing is known.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gyre::agent {

class MemoryWatch {
public:
    MemoryWatch() = default;
    // `connection` is a connected unix socket; its other end must live.
    static MemoryWatch of_peer(int connection);

    // Kills so far. Nothing: unknown, also once the container is gone.
    std::optional<std::int64_t> kills() const;

private:
    std::string file_;
};

// From /proc/<pid>/cgroup: the file that counts kills, or empty. `root` is where cgroups are mounted.
std::string memory_events_file(std::string_view cgroups, const std::string& root);
// From that file: the number behind "oom_kill".
std::optional<std::int64_t> count_kills(std::string_view events);

}  // namespace gyre::agent
