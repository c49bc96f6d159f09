#pragma once

// Files and directories that boxes and images of containers need on this machine. Thread-safe.

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "base/result.h"

namespace gyre::agent {

inline constexpr std::size_t largest_small_file = 4 << 20;

// Its first 4 MB and one byte, so that what is larger can be told. Empty: it cannot be read, too.
std::string read_text(const std::string& path);
// By renaming: nobody reads a half of it, and a failure leaves nothing.
Result<void> write_text(const std::string& path, const std::string& text, mode_t mode = 0600);
// With that mode, also where it stands already.
Result<void> make_directory(const std::string& path, mode_t mode = 0700);

}  // namespace gyre::agent
