#include "adapters/fs/test_calls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/guarded.h"

namespace gyre::fs {
namespace {

using Hook = std::function<int(const std::string&)>;

Guarded<std::shared_ptr<const Hook>> hook_now;
std::atomic<bool> renames_are_plain = false;

int sync(long call, int fd) {
    if (const auto hook = *hook_now.lock()) {
        const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd)).string();
        if (const int error = (*hook)(path); error != 0) {
            errno = error;
            return -1;
        }
    }
    return static_cast<int>(::syscall(call, fd));
}

}  // namespace

SyncHook::SyncHook(std::function<int(const std::string& path)> hook) {
    *hook_now.lock() = std::make_shared<const Hook>(std::move(hook));
}
SyncHook::~SyncHook() { hook_now.lock()->reset(); }

PlainRenames::PlainRenames() { renames_are_plain = true; }
PlainRenames::~PlainRenames() { renames_are_plain = false; }

}  // namespace gyre::fs

extern "C" int fsync(int fd) { return gyre::fs::sync(SYS_fsync, fd); }
extern "C" int fdatasync(int fd) { return gyre::fs::sync(SYS_fdatasync, fd); }
extern "C" int renameat2(int from, const char* name, int to, const char* new_name, unsigned flags) noexcept {
    if (flags != 0 && gyre::fs::renames_are_plain) {
        errno = EINVAL;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_renameat2, from, name, to, new_name, flags));
}
