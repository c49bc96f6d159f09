#pragma once

// Blobs as files: <data>/objects/ab/cdef... once they are whole, <data>/partial/abcdef... before. A blob is written,
// hashed, synced and only then moved to its place, so what stands there is whole even after a power failure. The hash
// of an upload in progress is kept in memory; after a restart it is computed again from what came. Thread-safe.
//
// Nobody here sees a blob before its name is synced too. Servers that share the directory leave each other's blobs
// where they are; one does not know of another's failing sync.

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <string>

#include "adapters/fs/disk_doubt.h"
#include "adapters/fs/folder.h"
#include "adapters/fs/recently_used.h"
#include "adapters/fs/upload.h"
#include "ports/blob_store.h"

namespace gyre::fs {

struct BlobLimits {
    std::int64_t blob_bytes = std::int64_t{64} << 30;  // beyond it: too_large
    std::size_t open_uploads = 64;
    std::chrono::hours keep_partial{7 * 24};  // partial uploads not touched for so long are removed at open()
};

class FileBlobStore final : public BlobStore {
public:
    static Result<std::unique_ptr<FileBlobStore>> open(const std::filesystem::path& data, BlobLimits limits = {});

    Result<bool> exists(const std::string& sha256) override;
    Result<std::int64_t> partial_length(const std::string& sha256) override;
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override;
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override;
    Result<std::optional<std::int64_t>> touch(const std::string& sha256) override;
    Result<bool> remove(const std::string& sha256, std::chrono::seconds idle) override;
    Result<bool> discard_damaged(const std::string& sha256) override;
    Result<void> each(const std::function<Result<void>(const IdleBlob&)>& visit) override;

    // After an append failed for the disk's sake: an error until the disk has passed a trial.
    Result<void> settle() { return doubt_.settle(partial_); }

private:
    FileBlobStore(Folder objects, Folder partial, BlobLimits limits);

    Result<void> take(Upload& upload, const std::string& sha256, std::int64_t offset, std::int64_t total,
                      std::string_view bytes);
    Result<void> publish(Upload& upload, const std::string& sha256);
    Result<void> put_in_place(Upload& upload, const std::string& sha256);
    Result<bool> take_off(const Fd& shelf, const std::string& sha256);
    // The blob's file; waits while one of that shelf is put in its place, which may fail.
    Result<Fd> look(const std::string& sha256, int flags);
    bool is_published(const std::string& sha256);
    std::shared_mutex& placing(const std::string& sha256);

    Folder objects_;
    Folder partial_;
    BlobLimits limits_;
    RecentlyUsed<Upload> uploads_;
    std::array<std::shared_mutex, 256> placing_;  // by shelf; after the upload's lock
    DiskDoubt doubt_;
};

}  // namespace gyre::fs
