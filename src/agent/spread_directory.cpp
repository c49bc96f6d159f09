#include "agent/spread_directory.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>

#include <optional>

#include "base/fd.h"

namespace gyre::agent {
namespace {

Fd opened(const std::string& directory) {
    return Fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

std::optional<int> flags_of(const Fd& directory) {
    int flags = 0;
    if (!directory || ::ioctl(directory.get(), FS_IOC_GETFLAGS, &flags) != 0) return std::nullopt;
    return flags;
}

}  // namespace

void let_children_spread(const std::string& directory) {
    const Fd there = opened(directory);
    const auto flags = flags_of(there);
    if (!flags || (*flags & FS_TOPDIR_FL) != 0) return;
    const int wanted = *flags | FS_TOPDIR_FL;
    (void)::ioctl(there.get(), FS_IOC_SETFLAGS, &wanted);
}

bool keeps_children_together(const std::string& directory) {
    const Fd there = opened(directory);
    struct statfs system {};
    const auto flags = flags_of(there);
    return flags && (*flags & FS_TOPDIR_FL) == 0 && ::fstatfs(there.get(), &system) == 0 &&
           system.f_type == EXT4_SUPER_MAGIC;
}

}  // namespace gyre::agent
