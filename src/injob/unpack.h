#pragma once

// Unpacks a tar stream below a directory and nowhere else. The archive may be hostile: names that lead out, links as
// stepping stones, devices, pipes and sparse files are errors that name the entry; setuid, setgid and sticky bits and
// owners are dropped; bytes and entries are bounded. What was unpacked before an error stays, unless it was staged.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace gyre::injob {

struct UnpackOptions {
    std::string root;       // made with its parents where missing
    bool absolute = false;  // names may begin with '/'; the root must be "/"
    bool staged = false;    // absolute: nothing is seen before the archive's end (injob/stage.h)
    std::int64_t max_bytes = std::int64_t{32} << 30;
    std::int64_t max_entries = 2'000'000;
};

struct Unpacked {
    std::int64_t entries = 0;
    std::int64_t bytes = 0;
};

Result<Unpacked> unpack(int fd, const UnpackOptions& options);

enum class CheckoutTarget { free, repository };
// Whether this user may not write to the directory, or not make it: other trouble, such as a full disk, is none of
// that.
bool is_closed(const std::string& directory);

// May a checkout be put there? `conflict` when the directory holds something and is no git repository.
Result<CheckoutTarget> checkout_target(const std::string& directory);

}  // namespace gyre::injob
