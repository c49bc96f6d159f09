#pragma once

// Whether a container has met its limits: the kernel has killed a process of it for want of memory, or refused it a
// further one. Engines tell the first late (docker, after the container's end) or not at all (podman), and the second
// never; the container's cgroups count both at once. They are found through the process at the other end of the
// supervisor's connection. Where that cannot be (an engine in a virtual machine, a cgroup that cannot be seen), nothing
// is known.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gyre::agent {

class LimitWatch {
public:
    LimitWatch() = default;
    // `connection` is a connected unix socket; its other end must live.
    static LimitWatch of_peer(int connection);

    // Kills so far. Nothing: unknown, also once the container is gone.
    std::optional<std::int64_t> kills() const;
    // Processes that were refused so far; likewise.
    std::optional<std::int64_t> refusals() const;

private:
    std::string memory_;
    std::string processes_;
};

// From /proc/<pid>/cgroup: the file that counts kills, or refused processes, or empty. `root` is where cgroups are
// mounted.
std::string memory_events_file(std::string_view cgroups, const std::string& root);
std::string process_events_file(std::string_view cgroups, const std::string& root);
// From those files: the number behind "oom_kill", and behind "max".
std::optional<std::int64_t> count_kills(std::string_view events);
std::optional<std::int64_t> count_refusals(std::string_view events);

}  // namespace gyre::agent
