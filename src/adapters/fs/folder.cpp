#include "adapters/fs/folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace gyre::fs {
namespace {

constexpr mode_t file_mode = 0600;
constexpr mode_t folder_mode = 0700;

int open_beneath(int folder, const std::string& name, int flags) {
    const bool makes = (flags & O_CREAT) != 0;
    const open_how how{.flags = static_cast<__u64>(flags | O_CLOEXEC),
                       .mode = makes ? file_mode : 0,
                       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    const long opened = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
    // An old kernel, or a container whose filter does not know the call.
    if (opened >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(opened);
    return ::openat(folder, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, file_mode);
}

Error open_error(const std::string& path) {
    if (errno == ENOENT) return not_found("there is no " + path);
    return errno_error("opening " + path);
}

}  // namespace

Result<Folder> Folder::open(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) return Folder(path, std::move(fd));
    if (errno != ENOENT || !path.has_filename() || path.parent_path() == path)
        return errno_error("opening " + path.string());
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    GYRE_TRY_ASSIGN(const Folder made_in, Folder::open(parent));
    GYRE_TRY_ASSIGN(Folder made, made_in.child(path.filename().string()));
    made.path_ = path;
    return made;
}

Result<Folder> Folder::existing_child(const std::string& name) const {
    Fd fd(open_beneath(fd_.get(), name, O_RDONLY | O_DIRECTORY));
    if (!fd) return open_error(path_of(name));
    return Folder(path_ / name, std::move(fd));
}

Result<Folder> Folder::child(const std::string& name) const {
    auto there = existing_child(name);
    if (there || there.error().fault != Fault::not_found) return there;
    if (::mkdirat(fd_.get(), name.c_str(), folder_mode) != 0 && errno != EEXIST) {
        return errno_error("making the folder " + path_of(name));
    }
    GYRE_TRY(sync());
    return existing_child(name);
}

Result<Fd> Folder::open_file(const std::string& name, int flags) const {
    Fd fd(open_beneath(fd_.get(), name, flags));
    if (!fd) return open_error(path_of(name));
    return fd;
}

Result<void> Folder::move(const std::string& name, const Folder& to, const std::string& new_name) const {
    if (::renameat(fd_.get(), name.c_str(), to.fd_.get(), new_name.c_str()) == 0) return {};
    return errno_error("moving " + path_of(name) + " to " + to.path_of(new_name));
}

Result<bool> Folder::place(const std::string& name, const Folder& to, const std::string& new_name) const {
    const auto here = fd_.get();
    const auto there = to.fd_.get();
    if (::renameat2(here, name.c_str(), there, new_name.c_str(), RENAME_NOREPLACE) == 0) return true;
    // File systems of other machines do not know the flag.
    if ((errno == EINVAL || errno == ENOSYS) && ::linkat(here, name.c_str(), there, new_name.c_str(), 0) == 0) {
        (void)remove(name);  // a second name of what is in its place harms nobody
        return true;
    }
    if (errno == EEXIST) return false;
    return errno_error("moving " + path_of(name) + " to " + to.path_of(new_name));
}

Result<void> Folder::remove(const std::string& name) const {
    if (::unlinkat(fd_.get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
    return errno_error("removing " + path_of(name));
}

Result<void> Folder::remove_folder(const std::string& name) const {
    if (::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
    return errno_error("removing the folder " + path_of(name));
}

Result<void> Folder::sync() const {
    if (::fsync(fd_.get()) != 0) return errno_error("syncing " + path_.string());
    return {};
}

}  // namespace gyre::fs
