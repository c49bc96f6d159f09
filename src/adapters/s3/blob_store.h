#pragma once

// Blobs as objects of S3: <prefix>objects/ab/cdef..., named as adapters/fs names its files, so that a directory may be
// copied into a bucket as it is. An upload is a file of ours first (staged_upload.h). S3 checks every part against the
// hash that we sign; what is read is hashed again. Several servers may share a bucket: whoever writes an object
// writes the same bytes. Blobs that nobody names are swept (idle_blobs.h). Whether a blob is there is asked anew each
// time: somebody else may have removed it. Thread-safe.
//
// What only an administrator can mend (no bucket, no permission, no keys) is `unavailable` here: agents wait for it.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "adapters/fs/disk_doubt.h"
#include "adapters/fs/folder.h"
#include "adapters/fs/recently_used.h"
#include "adapters/s3/client.h"
#include "adapters/s3/idle_blobs.h"
#include "adapters/s3/staged_upload.h"
#include "ports/blob_store.h"

namespace gyre::s3 {

struct BlobLimits {
    std::int64_t blob_bytes = std::int64_t{64} << 30;  // beyond it: too_large
    std::int64_t part_bytes = 16 << 20;   // up to that a blob is sent whole; at least 5 MiB, else S3 refuses
    std::int64_t first_read = 256 << 10;  // bytes asked for at once, doubled up to
    std::int64_t most_read = 4 << 20;
    std::size_t open_uploads = 64;
    std::chrono::hours keep_partial{7 * 24};  // uploads not touched for so long are given up at open()
    IdleLimits idle;
};

// Whoever sends or fetches a blob can do nothing about what an administrator must mend, but wait.
Error as_outage(Error error);

class S3BlobStore final : public BlobStore {
public:
    // Uploads are kept beneath `staging`/partial, a directory of this server alone.
    static Result<std::unique_ptr<S3BlobStore>> open(Client client, const std::filesystem::path& staging,
                                                     BlobLimits limits = {});

    Result<bool> exists(const std::string& sha256) override;
    Result<std::optional<std::int64_t>> touch(const std::string& sha256) override;
    Result<std::int64_t> partial_length(const std::string& sha256) override;
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override;
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override;
    Result<bool> remove(const std::string& sha256, std::chrono::seconds idle) override;
    Result<bool> discard_damaged(const std::string& sha256) override;
    Result<void> each(const std::function<Result<void>(const IdleBlob&)>& visit) override;
    Result<std::int64_t> end_abandoned_uploads(const std::function<Result<void>()>& go_on);

    // After an append failed for the local disk's sake: an error until the disk has passed a trial.
    Result<void> settle() { return doubt_.settle(partial_); }

private:
    S3BlobStore(Client client, fs::Folder partial, BlobLimits limits);

    Result<void> take(StagedUpload& upload, const std::string& sha256, std::int64_t offset, std::int64_t total,
                      std::string_view bytes);
    Result<void> publish(StagedUpload& upload, const std::string& sha256);

    Client client_;
    fs::Folder partial_;
    BlobLimits limits_;
    fs::RecentlyUsed<StagedUpload> uploads_;
    fs::DiskDoubt doubt_;
    IdleBlobs idle_;
};

}  // namespace gyre::s3
