#include "agent/executors/small_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include "base/fd.h"

namespace gyre::agent {

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    for (std::array<char, 16'384> piece; file && text.size() <= largest_small_file;) {
        file.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    }
    text.resize(std::min(text.size(), largest_small_file + 1));
    return text;
}

Result<void> write_text(const std::string& path, const std::string& text, mode_t mode) {
    const std::string made = path + ".new-" + std::to_string(getpid());
    const Fd file(open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    if (file && fchmod(file.get(), mode) == 0 &&
        write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        rename(made.c_str(), path.c_str()) == 0)
        return {};
    Error failed = errno_error("writing " + path);
    unlink(made.c_str());
    return failed;
}

Result<void> make_directory(const std::string& path, mode_t mode) {
    if ((mkdir(path.c_str(), mode) == 0 || errno == EEXIST) && chmod(path.c_str(), mode) == 0) return {};
    return errno_error("making " + path);
}

}  // namespace gyre::agent
