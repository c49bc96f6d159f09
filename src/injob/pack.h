#pragma once

// Packs files and trees of a job as a tar stream. Modes, times (whole seconds), symbolic and hard links are kept;
// owners are not; left out with a warning are sockets, pipes and devices, and what lies too deep to be unpacked. Trees
// are in the order of their names, so that equal trees give equal streams.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "injob/tar.h"

namespace gyre::injob {

enum class PackNames {
    relative,  // to the root; paths must lie below it
    absolute,  // whole paths, with `~` resolved
    inside,    // `collect`: a directory's content below its own name ".", or one file under its own name
};

struct PackOptions {
    std::string root;  // absolute; what relative paths are relative to
    std::string home;
    PackNames names = PackNames::relative;
    bool patterns = false;      // paths are patterns (GlobRules::workspace)
    bool must_match = false;    // a path or pattern that matches nothing is `not_found`
    bool follow_files = false;  // symbolic links to files are stored as the files
    std::vector<std::string> paths;
    std::function<void(const std::string&)> warn;
};

// How many entries were packed.
Result<long long> pack(int fd, const PackOptions& options);

}  // namespace gyre::injob
