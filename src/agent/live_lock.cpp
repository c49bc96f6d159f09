#include "agent/live_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace gyre::agent {

Fd hold_directory(const std::string& directory) {
    Fd held(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (held && ::flock(held.get(), LOCK_EX) != 0 && errno == EINTR) {
    }
    return held;
}

std::optional<Fd> try_lock(const std::string& path, int flags) {
    Fd lock(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
    if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
    struct stat held {};
    struct stat named {};
    ::fstat(lock.get(), &held);
    if (::lstat(path.c_str(), &named) != 0 || held.st_ino != named.st_ino) return std::nullopt;
    return lock;
}

}  // namespace gyre::agent
