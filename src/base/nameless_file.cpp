#include "base/nameless_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

namespace gyre {

Result<Fd> open_nameless_file(const std::string& directory) {
    Fd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
    // Not every file system can make a file without a name.
    std::string path = directory + "/nameless-XXXXXX";
    file = Fd(::mkostemp(path.data(), O_CLOEXEC));
    if (!file) return errno_error("making a file in " + directory);
    ::unlink(path.c_str());
    return file;
}

}  // namespace gyre
