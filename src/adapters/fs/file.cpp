#include "adapters/fs/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace gyre::fs {

Result<std::int64_t> file_length(const Fd& file, const std::string& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return errno_error("asking for the length of " + path);
    return status.st_size;
}

Result<std::string> read_at(const Fd& file, const std::string& path, std::int64_t offset, std::size_t bytes) {
    GYRE_TRY_ASSIGN(const auto length, file_length(file, path));
    if (offset >= length) return std::string();
    std::string text(std::min(bytes, static_cast<std::size_t>(length - offset)), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto got =
            ::pread(file.get(), text.data() + done, text.size() - done, offset + static_cast<std::int64_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno_error("reading " + path);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return text;
}

Result<void> append_whole(const Fd& file, const std::string& path, std::int64_t length, std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto put =
            ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, length + static_cast<std::int64_t>(done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            auto error = errno_error("writing " + path);
            if (::ftruncate(file.get(), length) != 0) error.message += " (and what was written could not be cut off)";
            return error;
        }
        done += static_cast<std::size_t>(put);
    }
    return {};
}

Result<void> sync_data(const Fd& file, const std::string& path) {
    if (::fdatasync(file.get()) != 0) return errno_error("syncing " + path);
    return {};
}

Result<FileLock> FileLock::shared(const Fd& file, const std::string& path) { return take(file, path, LOCK_SH); }
Result<FileLock> FileLock::alone(const Fd& file, const std::string& path) { return take(file, path, LOCK_EX); }

Result<FileLock> FileLock::take(const Fd& file, const std::string& path, int how) {
    while (::flock(file.get(), how) != 0) {
        if (errno != EINTR) return errno_error("locking " + path);
    }
    return FileLock(file.get());
}

FileLock::~FileLock() {
    if (file_ >= 0) ::flock(file_, LOCK_UN);
}

Result<std::vector<std::string>> names_in(const Fd& folder, const std::string& path) {
    std::vector<std::string> names;
    Fd copy(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!copy && errno == ENOENT) return names;  // it was removed meanwhile
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(copy ? ::fdopendir(copy.get()) : nullptr, &::closedir);
    if (!stream) return errno_error("listing " + path);
    copy.release();
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (!entry && errno != 0) return errno_error("listing " + path);
        if (!entry) return names;
        std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(std::move(name));
    }
}

}  // namespace gyre::fs
