#include "model/project.h"

namespace gyre {

std::string public_remote(const std::string& remote) {
    if (!remote.starts_with("http://") && !remote.starts_with("https://")) return remote;
    const auto host = remote.find("://") + 3;
    const auto at = remote.substr(0, remote.find('/', host)).rfind('@');
    if (at == std::string::npos || at < host) return remote;
    return remote.substr(0, host) + remote.substr(at + 1);
}

}  // namespace gyre
