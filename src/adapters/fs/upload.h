#pragma once

// A blob on its way in: the partial file, its length and the hash of what came so far. Guarded by its own mutex, which
// the caller holds during every call.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "adapters/fs/folder.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::fs {

class Upload {
public:
    std::mutex mutex;

    // Opens the partial file, or makes it, and hashes what it holds. Nothing to do when it is open.
    Result<void> open(const Folder& partial, const std::string& name);
    std::int64_t length() const { return length_; }
    Result<void> append(std::string_view bytes);  // all or nothing
    Result<void> sync() const;                    // what came lasts, as new
    std::string finish();                         // the hash in hex; then only close() or discard()
    void close();
    Result<void> discard(const Folder& partial, const std::string& name);  // start again from nothing

private:
    std::string path_;
    Fd file_;
    Sha256 hash_;
    std::int64_t length_ = 0;
};

}  // namespace gyre::fs
