#pragma once

// Tells a process from another that got its number later, and one that has ended from one that has not.

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace gyre::agent {

// When the process was started, in clock ticks since the machine's start; 0 when there is none, or it has ended.
std::int64_t process_start_time(std::int64_t process);

// Whether the process ends within that time, or has ended. No where that cannot be told: descriptors may be short.
bool ends_within(pid_t process, std::chrono::milliseconds most);

}  // namespace gyre::agent
