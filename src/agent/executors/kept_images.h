#pragma once

// What images on this machine have in common, whether Gyre unpacked them (oci_images.h) or an engine holds them
// (engine_images.h): each has a directory of ours with a file `lock`. Who uses the image holds that lock, shared; its
// time is that of the last use; who removes the image holds it alone. A lock counts as long as it is that of the file
// that stands there now. Several agents may share such directories.

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

struct KeptImage {
    std::string place;  // its directory
    std::string name;   // for the log
    std::int64_t bytes = 0;
};

// From now on it stays until the descriptor is closed. `not_found`: there is none, or it has just been removed.
Result<Fd> use_image(const std::string& place);
// Nobody uses it, or will before the descriptor is closed. Nothing: somebody does, or that cannot be told.
std::optional<Fd> lock_unused(const std::string& place);
// Removes the longest unused first, as long as there is too much, of which `total` is what the rest takes. `remove`
// says whether it did. Answers with the names of what went.
std::vector<std::string> remove_longest_unused(std::vector<KeptImage> images,
                                               const std::function<bool(std::int64_t total)>& too_much,
                                               const std::function<bool(const KeptImage&)>& remove);

}  // namespace gyre::agent
