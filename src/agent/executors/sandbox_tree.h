#pragma once

// Removes a directory tree that a job has filled: whatever its depth and its modes, without following links.

#include <string>

#include "base/result.h"

namespace gyre::agent {

// Nothing there is no error, also when another agent removes it at the same time. Directories that cannot be read are
// made readable first, where they are ours.
Result<void> remove_tree(const std::string& path);

}  // namespace gyre::agent
