#pragma once

// Recognizes a git repository of ours that must be made anew: damaged, or left locked by a git that was killed.

#include <string>

namespace gyre {

// Looks for git's own words in its message (which must have been printed under LC_ALL=C).
bool tells_of_git_damage(const std::string& message);

}  // namespace gyre
