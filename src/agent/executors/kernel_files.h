#pragma once

// What the files say that the kernel keeps of processes and their control groups, of either version. What they do not
// say, or say otherwise than they should, is nothing. Thread-safe.

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gyre::agent {

inline constexpr const char* cgroup_root = "/sys/fs/cgroup";  // where engines' hosts mount the hierarchies

// The process at the other end of a connected unix socket; 0: unknown.
pid_t peer_of(int connection);

// The first 64 kB of a file, `path` as openat() takes it. Nothing: there is none, or the path is empty.
std::optional<std::string> read_start(int directory, const std::string& path);

void each_line(std::string_view text, const std::function<void(std::string_view line)>& take);
// The first word of a line, which is taken off; empty at its end.
std::string_view next_word(std::string_view& line);
// Decimal digits and nothing else, of a number up to largest_usage_number.
std::optional<std::int64_t> whole_number(std::string_view word);
// The number after `key` in lines of "key number".
std::optional<std::int64_t> number_after(std::string_view key, std::string_view text);

// The groups of a process, from /proc/<pid>/cgroup: the controllers ("cpu,cpuacct"; empty: version 2) and the path in
// their hierarchy. Left out are the root, which counts for the whole machine, and what lies above our own root and
// cannot be seen.
void each_cgroup(std::string_view cgroups,
                 const std::function<void(std::string_view controllers, const std::string& path)>& take);
bool lists(std::string_view controllers, std::string_view controller);

}  // namespace gyre::agent
