#include "base/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/fd.h"

namespace gyre {

Result<std::string> read_private_file(const std::string& path, std::size_t most) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) return errno_error("opening " + path);
    if (!S_ISREG(status.st_mode)) return invalid(path + " is no file");
    if ((status.st_mode & 077) != 0)
        return invalid(path + " can be read by others than its owner, and may hold a secret: chmod 600 it");
    std::string text(most + 1, '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const auto got = ::read(file.get(), text.data() + length, text.size() - length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno_error("reading " + path);
        if (got == 0) break;
        length += static_cast<std::size_t>(got);
    }
    if (length > most) return too_large(path + " has more than " + std::to_string(most) + " bytes");
    text.resize(length);
    return text;
}

}  // namespace gyre
