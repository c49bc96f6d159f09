#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "adapters/fs/blob_store.h"
#include "adapters/fs/file.h"
#include "adapters/fs/partial_uploads.h"

// Blobs that nobody names any more. A blob was stored or touched last when its file was modified last. Who touches or
// removes holds the lock of the shelf, which is the kernel's, so that servers and commands on one directory agree.

namespace gyre::fs {
namespace {

using std::chrono::seconds;

std::string shelf_of(const std::string& sha256) { return sha256.substr(0, 2); }
std::string file_of(const std::string& sha256) { return sha256.substr(2); }

// Held as long as it is open.
Result<Fd> lock_shelf(const Folder& objects, const std::string& sha256, int how) {
    const auto shelf = shelf_of(sha256);
    GYRE_TRY_ASSIGN(Fd fd, objects.open_file(shelf, O_RDONLY | O_DIRECTORY));
    while (::flock(fd.get(), how) != 0) {
        if (errno != EINTR) return errno_error("locking " + objects.path_of(shelf));
    }
    return fd;
}

seconds idle_since(const struct stat& facts) {
    return std::max(seconds{0}, seconds{::time(nullptr) - facts.st_mtim.tv_sec});
}

}  // namespace

Result<std::optional<std::int64_t>> FileBlobStore::touch(const std::string& sha256) {
    GYRE_TRY(check_blob_name(sha256));
    if (!is_published(sha256)) return std::optional<std::int64_t>();
    GYRE_TRY_ASSIGN(const Fd shelf, lock_shelf(objects_, sha256, LOCK_SH));
    const auto path = shelf_of(sha256) + "/" + file_of(sha256);
    const auto file = objects_.open_file(path, O_RDONLY);
    if (!file && file.error().fault == Fault::not_found) return std::optional<std::int64_t>();
    if (!file) return file.error();
    if (::futimens(file->get(), nullptr) != 0) return errno_error("touching " + objects_.path_of(path));
    GYRE_TRY_ASSIGN(const auto size, file_length(*file, objects_.path_of(path)));
    return std::optional(size);
}

Result<bool> FileBlobStore::remove(const std::string& sha256, seconds idle) {
    GYRE_TRY(check_blob_name(sha256));
    if (!is_published(sha256)) return false;
    GYRE_TRY_ASSIGN(const Fd shelf, lock_shelf(objects_, sha256, LOCK_EX));
    struct stat facts {};
    if (::fstatat(shelf.get(), file_of(sha256).c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return false;
        return errno_error("looking at " + objects_.path_of(shelf_of(sha256)));
    }
    if (idle_since(facts) < idle) return false;
    return take_off(shelf, sha256);
}

// Nobody else takes it off a shelf that we hold, and as long as it is there nobody stores another.
Result<bool> FileBlobStore::discard_damaged(const std::string& sha256) {
    GYRE_TRY(check_blob_name(sha256));
    if (!is_published(sha256)) return false;
    GYRE_TRY_ASSIGN(const Fd shelf, lock_shelf(objects_, sha256, LOCK_EX));
    GYRE_TRY_ASSIGN(const bool damaged, is_damaged(sha256));
    return damaged ? take_off(shelf, sha256) : Result<bool>(false);
}

Result<bool> FileBlobStore::take_off(const Fd& shelf, const std::string& sha256) {
    if (::unlinkat(shelf.get(), file_of(sha256).c_str(), 0) == 0) return true;
    if (errno == ENOENT) return false;
    return errno_error("removing a blob of " + objects_.path_of(shelf_of(sha256)));
}

Result<void> FileBlobStore::each(const std::function<Result<void>(const IdleBlob&)>& visit) {
    GYRE_TRY_ASSIGN(const Fd objects, objects_.open_file(".", O_RDONLY | O_DIRECTORY));
    GYRE_TRY_ASSIGN(const auto shelves, names_in(objects, objects_.path().string()));
    for (const auto& shelf_name : shelves) {
        const Fd shelf(::openat(objects.get(), shelf_name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!shelf && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) continue;
        if (!shelf) return errno_error("opening " + objects_.path_of(shelf_name));
        GYRE_TRY_ASSIGN(const auto names, names_in(shelf, objects_.path_of(shelf_name)));
        for (const auto& name : names) {
            struct stat facts {};
            const IdleBlob blob{shelf_name + name, 0, seconds{0}};
            if (!is_blob_name(blob.sha256) || shelf_name.size() != 2) continue;
            if (::fstatat(shelf.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone meanwhile
            if (S_ISREG(facts.st_mode)) GYRE_TRY(visit({blob.sha256, facts.st_size, idle_since(facts)}));
        }
    }
    return {};
}

}  // namespace gyre::fs
