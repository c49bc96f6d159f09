#include "apps/gyre/objects_in_use.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "apps/gyre/data_directory.h"
#include "base/log.h"

namespace gyre::apps {
namespace {

Fd open_directory(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }

bool is_same(const std::string& one, const std::string& other) {
    std::error_code failed;
    return std::filesystem::equivalent(one, other, failed) && !failed;
}

// Waits: a command that looks whether anybody uses them holds them for a moment, and no longer.
bool share(int fd) {
    int done = 0;
    do done = ::flock(fd, LOCK_SH);
    while (done != 0 && errno == EINTR);
    return done == 0;
}

}  // namespace

Fd use_objects(const std::string& directory) {
    Fd fd = open_directory(directory);
    if (!fd || !share(fd.get()))
        log::warn("objects", "commands do not see that this server uses {}: {}", directory, std::strerror(errno));
    return fd;
}

Result<void> check_objects_unused(const std::string& directory, const std::string& data_dir) {
    const Fd fd = open_directory(directory);
    const bool used = fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    // A server of an older version says nothing of its objects; as a rule they lie in its data directory.
    const bool held = !is_same(directory, data_dir) && DataDirectory::is_held(directory);
    if (!used && !held) return {};
    return conflict("a running server uses the objects in " + directory +
                    ": stop it first, or name the objects of your own");
}

}  // namespace gyre::apps
