#pragma once

// The way back from sealed outputs: writes their raw bytes to where they were, for an older version or by choice. Only
// while no server runs.

#include <cstdint>
#include <string>
#include <vector>

#include "apps/gyre/settings.h"
#include "backup/contents.h"
#include "base/result.h"

namespace gyre::apps {

struct Unsealed {
    std::int64_t outputs = 0;
    std::int64_t bytes = 0;
    std::int64_t damaged = 0;        // stay sealed: they cannot be read
    std::vector<std::string> which;  // a sentence each, of the first few
};

// All that this installation's database knows of. What ends it in between loses nothing: an output's record goes once
// its raw bytes last, and the next call goes on. `watch` hears of each output; its error ends it. Errors: conflict (a
// server runs), not_found (there is no installation), unavailable (the disk is full, the store of objects is away).
Result<Unsealed> unseal_outputs(const ServerSettings& settings, const backup::Watch& watch);

}  // namespace gyre::apps
