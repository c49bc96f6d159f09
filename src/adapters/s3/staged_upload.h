#pragma once

// A blob on its way to S3. What comes is kept in a file of ours until the object is there, so that an upload goes on
// where it stopped, also after a restart, and nothing is shown that does not hash to its name. Parts that are full are
// sent while the rest still comes; which ones were is noted beside the file ("<name>.parts"), with their hashes.
//
// Guarded by its own mutex, which the caller holds during every call. Errors as of BlobStore::append.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fs/folder.h"
#include "adapters/s3/client.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::s3 {

class StagedUpload {
public:
    std::mutex mutex;
    bool is_new = true;  // whether the store was not asked yet if it has the blob

    // Opens the file, or makes it. Nothing to do when it is open.
    Result<void> open(const fs::Folder& folder, const std::string& name, std::int64_t part_bytes);
    std::int64_t length() const { return length_; }
    Result<void> append(std::string_view bytes);  // to the file; all or nothing

    // Sends the parts of a blob of `total` bytes that are full.
    Result<void> send_full_parts(Client& client, const std::string& key, std::int64_t total);
    // Everything came: sends the rest and makes the object. `corrupt` when the bytes do not hash to the name.
    Result<void> finish(Client& client, const std::string& key);

    void close();
    Result<void> discard(Client& client, const std::string& key);  // start again from nothing

private:
    struct Part {
        std::string tag;
        std::string sha256;
    };
    std::string parts_file() const { return name_ + ".parts"; }
    std::int64_t sent() const { return std::ssize(parts_) * part_bytes_; }
    Result<void> load_parts();
    Result<void> note_parts() const;
    Result<std::string> hash_part(std::int64_t offset, std::int64_t length, Sha256& whole) const;
    Result<void> send_part(Client& client, const std::string& key, std::int64_t length);
    Result<void> send_whole(Client& client, const std::string& key);
    Result<void> end_parts(Client& client, const std::string& key);
    Result<void> forget_parts(Client& client, const std::string& key);
    Result<void> refuse(Client& client, const std::string& key);
    void begin_again();

    const fs::Folder* folder_ = nullptr;
    std::string name_;
    Fd file_;
    std::int64_t part_bytes_ = 0;
    std::int64_t length_ = 0;
    std::string upload_;       // of S3; empty: none was begun
    std::vector<Part> parts_;  // all of part_bytes_, but for the last one of a whole blob
    Sha256 hash_;              // of what the parts hold
    std::string last_;         // hash of what comes behind them, once the whole is known to be right; else empty
};

}  // namespace gyre::s3
