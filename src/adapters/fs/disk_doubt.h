#pragma once

// Whether a folder's disk can be relied on. After a write or a sync has failed nobody knows what it does next: it is in
// doubt until it has taken and synced a file that is written for a trial. Thread-safe.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "adapters/fs/folder.h"
#include "base/result.h"

namespace gyre::fs {

class DiskDoubt {
public:
    // What was done to the disk, with how it went: passes it on.
    template <typename T>
    Result<T> heed(Result<T> done) {
        if (!done && done.error().fault == Fault::unavailable) ++doubts_;
        return done;
    }
    // An error while the disk is in doubt. Writes the trial file into `folder` when there is need to; waits for the
    // trial of another.
    Result<void> settle(const Folder& folder);

private:
    std::atomic<std::uint64_t> doubts_ = 0;
    std::mutex trying_;
    std::uint64_t settled_ = 0;  // so many of them; guarded by it
};

}  // namespace gyre::fs
