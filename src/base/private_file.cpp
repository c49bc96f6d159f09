#include "base/private_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

Result<FleetingFile> FleetingFile::make(const std::string& directory, std::string_view content) {
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("making " + directory);
    std::string path = directory + "/secret.XXXXXX";
    const Fd file(::mkostemp(path.data(), O_CLOEXEC));  // mode 0600
    if (!file) return errno_error("making a file in " + directory);
    FleetingFile made(path);
    while (!content.empty()) {
        const auto written = ::write(file.get(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return errno_error("writing " + path);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return made;
}

FleetingFile::~FleetingFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace gyre
