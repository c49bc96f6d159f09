#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace gyre {

Error errno_error(const std::string& what) {
    const int code = errno;
    return unavailable(what + ": " + std::strerror(code));
}

}  // namespace gyre
