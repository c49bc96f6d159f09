#pragma once

// The end of a mapping: duplicate keys are found and merge keys (`<<`) applied.
// Own keys beat merged ones; of several merged mappings the first wins; several `<<` count as one list.

#include <vector>

#include "config/diagnostic.h"
#include "config/node.h"

namespace gyre::config {

// `mapping.entries` as read, with `<<` as ordinary keys, becomes the final list. `budget` is how many entries merging
// may still add; false when it does not suffice.
bool finish_mapping(Node& mapping, std::size_t& budget, std::vector<Diagnostic>& diagnostics);

}  // namespace gyre::config
