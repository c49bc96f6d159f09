#pragma once

// Single files on their way between the job and the server's blob store. They pass through a file of this host, so that
// sending can be resumed and receiving can be verified. Not thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/cutoff.h"
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

// Uploads, resuming where the server stopped, until it has all, or the job stops.
Result<void> upload(Job& job, const BlobFile& blob);
// The same over a connection of the caller's, until the cutoff. Thread-safe then.
Result<void> upload(GatewayClient& gateway, const Cutoff& cutoff, const BlobFile& blob);
// Downloads and verifies. not_found; corrupt when the bytes are not what the name says, or the server has them and
// cannot send them.
Result<BlobFile> download(Job& job, const std::string& sha256);

}  // namespace gyre::agent
