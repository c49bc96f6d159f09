#pragma once

// A directory that holds backups, readable by its owner only:
//
//     gyre-backup              says what this is
//     lock                     held by whoever writes (alone) or reads (together)
//     objects/ab/cdef...       pieces and blobs by SHA-256, shared by all snapshots: a BlobStore
//     partial/                 objects that are being written
//     snapshots/<id>.json      manifests; a snapshot is there when its manifest is
//
// The objects are reached through a BlobStore that the caller opens on the same path (plain_objects.h). Errors name the
// path: not_found, invalid (not a directory of backups; a newer version's), conflict (somebody else writes),
// unavailable, corrupt.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/manifest.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::backup {

enum class Use { write, read };

struct Listed {
    std::vector<Snapshot> snapshots;   // oldest first
    std::vector<std::string> damaged;  // a sentence each
};

// The lock of a directory. It ends with its holder, also when a child of this process that is just being started has a
// copy of the descriptor: the server opens the directory of its own backup again at once, to try it.
class Hold {
public:
    Hold() = default;
    explicit Hold(Fd file) : file_(std::move(file)) {}
    Hold(Hold&&) = default;
    Hold& operator=(Hold&&) = delete;
    ~Hold();

private:
    Fd file_;  // none of a medium that cannot be written to
};

// Whether `path` is `folder`, or lies in it; links are followed. Neither need be there.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

class Directory {
public:
    // To write, it is made when it is missing, or empty; what a killed backup left of a manifest is removed.
    static Result<Directory> open(const std::filesystem::path& path, Use use);

    const std::filesystem::path& path() const { return path_; }
    // Errors are of the folder; what is wrong with single snapshots is listed.
    Result<Listed> list() const;
    // By id, by the beginning of one, or the newest for an empty text; invalid: of several installations none is that.
    Result<Snapshot> find(const std::string& id) const;
    // From here on the snapshot exists, whatever happens to this machine. Answers its id.
    Result<std::string> add(const Manifest& manifest);
    Result<void> remove(const std::string& id);
    // Removes the objects, whole or not, that `wanted` does not want; answers how many, and their bytes.
    struct Swept {
        std::int64_t objects = 0;
        std::int64_t bytes = 0;
    };
    Result<Swept> sweep(const std::function<bool(const std::string& name)>& wanted);

private:
    Directory(std::filesystem::path path, Hold lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::filesystem::path file_of(const std::string& id) const { return path_ / "snapshots" / (id + ".json"); }

    std::filesystem::path path_;
    Hold lock_;
};

}  // namespace gyre::backup
