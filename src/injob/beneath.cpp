#include "injob/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace gyre::injob {

Result<std::vector<std::string>> entry_components(std::string_view name) {
    if (name.starts_with('/')) return invalid("the name is absolute");
    if (name.size() > longest_entry_name)
        return invalid("the name is longer than " + std::to_string(longest_entry_name) + " bytes");
    if (name.find('\0') != std::string_view::npos) return invalid("the name holds a NUL byte");
    std::vector<std::string> components;
    std::size_t at = 0;
    while (at < name.size()) {
        const auto end = std::min(name.find('/', at), name.size());
        const auto part = name.substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".") continue;
        if (part == "..") return invalid("the name leads out of its directory by '..'");
        if (part.size() > 255) return invalid("a part of the name is longer than 255 bytes");
        components.emplace_back(part);
    }
    return components;
}

Result<Beneath> Beneath::open(const std::string& root) {
    Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return errno_error("opening " + root);
    return Beneath(std::move(fd), root == "/");
}

Fd Beneath::open_path(const std::string& path) const {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = (whole_system_ ? RESOLVE_IN_ROOT : RESOLVE_BENEATH) | RESOLVE_NO_MAGICLINKS;
    return Fd(static_cast<int>(syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof how)));
}

// `path` is the way from the root, so that the kernel sees where a link leads; `parent` is its last directory but one.
Fd Beneath::open_name(int parent, const std::string& path, const std::string& name) const {
    Fd fd = open_path(path);
    if (fd || (errno != ENOSYS && errno != EPERM)) return fd;
    return Fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Result<Fd> Beneath::walk(const std::vector<std::string>& components, bool create) const {
    Fd here;
    std::string path;
    for (const auto& name : components) {
        const int parent = here ? here.get() : root_.get();
        path += (path.empty() ? "" : "/") + name;
        Fd next = open_name(parent, path, name);
        if (!next && errno == ENOENT && create) {
            if (mkdirat(parent, name.c_str(), 0755) != 0 && errno != EEXIST)
                return errno_error("making the directory " + path);
            next = open_name(parent, path, name);
        }
        if (!next && (errno == EXDEV || errno == ELOOP))
            return invalid("the symbolic link " + path + " leads out of the directory");
        if (!next) return errno_error("opening the directory " + path);
        here = std::move(next);
    }
    return here;
}

Result<int> Beneath::directory(const std::vector<std::string>& components, bool create) {
    if (components.empty()) return root_.get();
    if (last_ && components == last_components_) return last_.get();
    std::string path;
    for (const auto& name : components) path += (path.empty() ? "" : "/") + name;
    Fd fd = open_path(path);
    if (!fd) {
        GYRE_TRY_ASSIGN(fd, walk(components, create));
    }
    last_ = std::move(fd);
    last_components_ = components;
    return last_.get();
}

}  // namespace gyre::injob
