#include "apps/gyre/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"

namespace gyre::apps {
namespace {

Error cannot_read(const std::string& path) {
    const std::string what = "cannot read " + path + ": " + std::strerror(errno);
    if (errno == ENOENT || errno == ENOTDIR) return not_found(what);
    return errno == EACCES ? denied(what) : unavailable(what);
}

const char* kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

// Up to `most` bytes, or fewer when `is_enough`.
template <typename Enough>
Result<std::string> read_up_to(const Fd& file, const std::string& path, std::size_t most, Enough is_enough) {
    std::string text;
    char piece[16384];
    while (text.size() < most && !is_enough(text)) {
        const auto got = ::read(file.get(), piece, std::min(sizeof piece, most - text.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read(path);
        if (got == 0) break;
        text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
}

}  // namespace

Result<std::string> read_beginning(const std::string& path, std::size_t most, Pipes pipes) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0) return cannot_read(path);
    const bool is_read = S_ISREG(facts.st_mode) || (S_ISFIFO(facts.st_mode) && pipes == Pipes::read);
    if (!is_read) return invalid("cannot read " + path + ": it is " + kind_of(facts.st_mode) + ", not a file");
    if (::fcntl(file.get(), F_SETFL, 0) != 0) return cannot_read(path);  // from now on it waits for writers
    return read_up_to(file, path, most, [](const std::string&) { return false; });
}

Result<std::string> read_text_file(const std::string& path, std::size_t most) {
    GYRE_TRY_ASSIGN(auto text, read_beginning(path, most + 1));
    if (text.size() > most) return too_large(path + " has more than " + std::to_string(most) + " bytes");
    return text;
}

Result<std::string> read_standard_input(std::size_t most) {
    std::string text;
    char piece[16384];
    for (;;) {
        const auto got = ::read(STDIN_FILENO, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read("standard input");
        if (got == 0) return text;
        text.append(piece, static_cast<std::size_t>(got));
        if (text.size() > most) return too_large("standard input has more than " + std::to_string(most) + " bytes");
    }
}

Result<std::string> read_first_line(const std::string& path, std::size_t most) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return cannot_read(path);
    const auto has_line = [](const std::string& text) { return text.find('\n') != std::string::npos; };
    GYRE_TRY_ASSIGN(auto text, read_up_to(file, path, most, has_line));
    if (!has_line(text) && text.size() == most)
        return too_large("the first line of " + path + " has more than " + std::to_string(most) + " bytes");
    return text.substr(0, text.find('\n'));
}

}  // namespace gyre::apps
