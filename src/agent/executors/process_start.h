#pragma once

// Tells a process from another that got its number later.

#include <cstdint>

namespace gyre::agent {

// When the process was started, in clock ticks since the machine's start; 0 when there is none, or it has ended.
std::int64_t process_start_time(std::int64_t process);

}  // namespace gyre::agent
