#pragma once

// How many files and connections this process may have open at once.

#include <cstdint>

namespace gyre::apps {

// Raises the limit as far as allowed, up to 65536 (what we start inherits it, and more makes old programs slow that
// close them all). Answers what it is now.
std::int64_t raise_open_files();

// How many of them a listener may take: some are kept for the database, for files, and for agents.
int connections_within(std::int64_t open_files);

}  // namespace gyre::apps
