#include "injob/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/fd.h"

namespace gyre::injob {

namespace fs = std::filesystem;

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto wrote = ::write(fd, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return true;
}

Result<std::string> read_all(int fd, std::size_t most) {
    std::string text;
    char bytes[64 << 10];
    while (true) {
        const auto got = ::read(fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno_error("reading");
        if (got == 0) return text;
        text.append(bytes, static_cast<std::size_t>(got));
        if (text.size() > most)
            return too_large("the input is larger than the limit of " + std::to_string(most) + " bytes");
    }
}

Result<void> copy_file_to(int out, const std::string& path, std::int64_t most) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (!file || fstat(file.get(), &facts) != 0)
        return not_found("cannot read " + path + ": " + errno_error("open").message);
    if (!S_ISREG(facts.st_mode)) return not_found(path + " is not a file");
    if (facts.st_size > most) {
        return too_large(path + " has " + std::to_string(facts.st_size) + " bytes; the limit is " +
                         std::to_string(most));
    }
    std::int64_t left = most;
    char bytes[64 << 10];
    while (left > 0) {
        const auto got =
            ::read(file.get(), bytes, static_cast<std::size_t>(std::min<std::int64_t>(left, sizeof bytes)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno_error("reading " + path);
        if (got == 0) break;
        if (!write_all(out, {bytes, static_cast<std::size_t>(got)})) return errno_error("writing");
        left -= got;
    }
    return {};
}

Result<XmlFiles> find_xml(const std::string& path, std::size_t most) {
    std::error_code failed;
    XmlFiles found;
    if (fs::is_regular_file(path, failed)) {
        found.paths.push_back(path);
        return found;
    }
    if (!fs::is_directory(path, failed)) return not_found("there is no " + path);
    fs::recursive_directory_iterator walk(path, fs::directory_options::skip_permission_denied, failed);
    for (const fs::recursive_directory_iterator end; !failed && walk != end; walk.increment(failed)) {
        std::error_code unreadable;
        const auto name = walk->path().filename().string();
        if (walk->is_directory(unreadable) && (name.starts_with('.') || walk.depth() > 100)) {
            walk.disable_recursion_pending();
        } else if (name.ends_with(".xml") && walk->is_regular_file(unreadable)) {
            if (found.paths.size() == most) {
                found.cut = true;
                break;
            }
            found.paths.push_back(walk->path().string());
        }
    }
    std::sort(found.paths.begin(), found.paths.end());
    return found;
}

}  // namespace gyre::injob
