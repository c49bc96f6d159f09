#pragma once

#include <string>

namespace gyre::escape {

// Takes `what` ("forks", "memory" in megabytes, "descriptors", "files") until it is refused or has `most`, says how
// many it got ("took N forks, then: why") and exits with 1 where it was refused, with 0 where it got them all.
int take(const std::string& what, int most);

}  // namespace gyre::escape
