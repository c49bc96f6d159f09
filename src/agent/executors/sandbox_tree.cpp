#include "agent/executors/sandbox_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "base/fd.h"

namespace gyre::agent {
namespace {

constexpr int deepest = 100;  // each level holds a descriptor; what lies deeper is moved up to the top first

struct Entry {
    std::string name;
    bool directory = false;
};

Fd open_directory(int parent, const char* name) {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Fd fd(openat(parent, name, flags));
    if (!fd && errno == EACCES && fchmodat(parent, name, 0700, 0) == 0) fd = Fd(openat(parent, name, flags));
    if (fd) fchmod(fd.get(), 0700);
    return fd;
}

std::vector<Entry> entries_of(int directory) {
    std::vector<Entry> entries;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(fcntl(directory, F_DUPFD_CLOEXEC, 3)), &closedir);
    if (!stream) return entries;
    rewinddir(stream.get());
    while (const dirent* entry = readdir(stream.get())) {
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat facts {};
        const bool known = entry->d_type != DT_UNKNOWN;
        const bool directory_entry =
            known ? entry->d_type == DT_DIR
                  : fstatat(directory, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
        entries.push_back({name, directory_entry});
    }
    return entries;
}

class Removal {
public:
    explicit Removal(int top) : top_(top) {}

    void empty(int directory, int depth) {
        for (const auto& entry : entries_of(directory)) {
            if (!entry.directory) {
                unlinkat(directory, entry.name.c_str(), 0);
            } else if (depth >= deepest) {
                const std::string moved = ".gyre-moved-" + std::to_string(++moved_);
                renameat(directory, entry.name.c_str(), top_, moved.c_str());
            } else {
                const Fd below = open_directory(directory, entry.name.c_str());
                if (below) empty(below.get(), depth + 1);
                unlinkat(directory, entry.name.c_str(), AT_REMOVEDIR);
            }
        }
    }
    long long moved() const { return moved_; }

private:
    int top_;
    long long moved_ = 0;
};

}  // namespace

Result<void> remove_tree(const std::string& path) {
    if (unlink(path.c_str()) == 0 || errno == ENOENT) return {};
    const Fd top = open_directory(AT_FDCWD, path.c_str());
    if (!top && errno == ENOENT) return {};
    if (!top) return errno_error("removing " + path);
    Removal removal(top.get());
    for (long long before = -1; before != removal.moved();) {
        before = removal.moved();
        removal.empty(top.get(), 0);
    }
    return rmdir(path.c_str()) == 0 || errno == ENOENT ? Result<void>{} : errno_error("removing " + path);
}

}  // namespace gyre::agent
