#pragma once

// Locks (flock) by which a file tells that the process that made it lives; they end with that process.

#include <optional>
#include <string>

#include "base/fd.h"

namespace gyre::agent {

// To be held while a file is made and locked, and while somebody looks for unlocked ones: nobody shall find a living
// process's file before its lock. Waits; everybody holds it for moments only.
Fd hold_directory(const std::string& directory);

// The lock of that file, opened with `flags` beside O_RDWR. None when somebody has it, or when the name stands for
// another file since.
std::optional<Fd> try_lock(const std::string& path, int flags);

}  // namespace gyre::agent
