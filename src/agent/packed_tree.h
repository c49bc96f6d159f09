#pragma once

// Trees of files on their way between the job and the server's blob store: a tar stream that the helper inside writes
// or reads, cut into chunks (model/chunk_list.h). Nothing of it touches this host's disk but the list of the chunks.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/job.h"
#include "agent/pace.h"
#include "base/result.h"

namespace gyre::agent {

struct SentTree {
    std::string blob;         // the list
    std::int64_t stored = 0;  // bytes that its chunks take
    std::int64_t sent = 0;    // bytes of those that the server did not have
    std::string complaints;   // of the helper: warnings
};

// Runs `gyre-injob <arguments>`, which writes a tar stream, and stores that. What was sent before an error stays.
Result<SentTree> send_tree(Job& job, std::vector<std::string> arguments);

using TakeName = std::function<Result<void>(std::string_view name)>;

// Fetches what `blob` names into `gyre-injob <arguments>`, which reads a tar stream. Every byte was verified before the
// helper gets it; of what cannot be had whole, it never sees the archive's end. `take`, where there is one, hears the
// name of all that is no directory; its error comes back. not_found, corrupt: as of download(), or too slow.
Result<void> fetch_tree(Job& job, const std::string& blob, std::vector<std::string> arguments, Pace pace,
                        const TakeName& take = {});

}  // namespace gyre::agent
