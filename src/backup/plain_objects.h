#pragma once

// The objects of a directory of backups, which somebody else may have filled or damaged: none is opened that is not a
// plain file, so nobody waits for a pipe, or follows a link. Who writes finds of what is there already only what he can
// use: what stands in an object's place and has another size than is appended, or is no plain file, is removed for it.
// Not thread-safe. Errors: those of the store beneath it; each names the path.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backup/directory.h"
#include "ports/blob_store.h"

namespace gyre::backup {

// What is looked at of an object that is there already, before it is taken for a part of another snapshot.
enum class Trust {
    size,     // costs nothing
    content,  // all of it is read
};

class PlainObjects final : public BlobStore {
public:
    // Both outlive it.
    PlainObjects(const Directory& directory, BlobStore& store, Trust trust = Trust::size)
        : path_(directory.path()), store_(&store), trust_(trust) {}

    Result<bool> exists(const std::string& sha256) override;
    Result<std::int64_t> partial_length(const std::string& sha256) override { return store_->partial_length(sha256); }
    Result<void> append(const std::string& sha256, std::int64_t offset, std::int64_t total,
                        std::string_view bytes) override;
    Result<std::unique_ptr<BlobReader>> open(const std::string& sha256, std::int64_t from) override;
    // The size of what may be used; nothing when there is nothing of that kind.
    Result<std::optional<std::int64_t>> touch(const std::string& sha256) override;
    // Whatever stands there, however long it was idle: nobody but the holder of the directory writes.
    Result<bool> remove(const std::string& sha256, std::chrono::seconds idle) override;

    // What was no object and had to go, a sentence each; the first of them.
    const std::vector<std::string>& removed() const { return removed_; }

private:
    struct Standing {
        std::string path;  // of the object, or of a shelf that is none
        bool plain = false;
        std::int64_t size = 0;
    };
    Result<std::optional<Standing>> look(const std::string& sha256) const;
    Result<void> remove(const Standing& standing, const std::string& why);

    std::filesystem::path path_;
    BlobStore* store_;
    Trust trust_;
    std::vector<std::string> removed_;
};

}  // namespace gyre::backup
