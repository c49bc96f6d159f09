#pragma once

// Bytes on their way between the job and the server's blob store: packed trees (tar, zstd), and single files. They pass
// through a file of this host, so that sending can be resumed and receiving can be verified before anything is
// unpacked. Not thread-safe.

#include <zstd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/job.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

// A file without a name in the job's scratch directory.
struct BlobFile {
    Fd file;
    std::string sha256;  // hex
    std::int64_t size = 0;
};

// Takes bytes, hashes and stores them. `too_large` beyond the limit; `unavailable` names this machine's disk.
class BlobWriter {
public:
    static Result<BlobWriter> create(const std::string& directory, std::int64_t limit);
    Result<void> write(std::string_view bytes);
    BlobFile finish();
    void restart();  // forgets everything written
    std::int64_t size() const { return size_; }

private:
    BlobWriter(Fd file, std::int64_t limit) : file_(std::move(file)), limit_(limit) {}
    Fd file_;
    std::int64_t limit_;
    Sha256 hash_;
    std::int64_t size_ = 0;
};

// Runs `gyre-injob <arguments>`, which writes a tar stream, and compresses it. `complaints` gets its warnings.
Result<BlobFile> pack_inside(Job& job, std::vector<std::string> arguments, std::string& complaints);
// Uploads, resuming where the server stopped, until it has all, or the job stops.
Result<void> upload(Job& job, const BlobFile& blob);
// Downloads and verifies. not_found; corrupt when the bytes are not what the name says, or the server has them and
// cannot send them.
Result<BlobFile> download(Job& job, const std::string& sha256);
// Decompresses the blob into `gyre-injob <arguments>`, which reads a tar stream. `take`, where there is one, hears the
// name of all that is no directory; its error comes back, and what was unpacked before stays.
Result<void> unpack_inside(Job& job, const BlobFile& blob, std::vector<std::string> arguments,
                           const std::function<Result<void>(std::string_view name)>& take = {});

}  // namespace gyre::agent
