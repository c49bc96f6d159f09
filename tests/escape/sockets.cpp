// Sockets of the host's programs, of container engines before all.

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "escape/line.h"

namespace gyre::escape {
namespace {

namespace fs = std::filesystem;

// `name`: a path, or "@" and an abstract name.
bool connects(const std::string& name) {
    sockaddr_un address{};
    if (name.size() >= sizeof address.sun_path) return false;
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto length =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '@' ? 0 : 1));
    bool connected = false;
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
        const int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connected = connected || connect(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0;
        close(fd);
    }
    return connected;
}

std::string first_that_answers(const std::vector<std::string>& names) {
    const auto found = std::find_if(names.begin(), names.end(), connects);
    return found == names.end() ? "" : *found;
}

// Of this network namespace: "Num RefCount Protocol Flags Type St Inode Path".
std::vector<std::string> listening_sockets() {
    constexpr const char* listens = "00010000";
    std::vector<std::string> names;
    std::ifstream table("/proc/net/unix");
    for (std::string text; std::getline(table, text);) {
        std::istringstream words(text);
        std::string number, users, protocol, flags, type, state, inode, name;
        words >> number >> users >> protocol >> flags >> type >> state >> inode >> name;
        if (flags == listens && !name.empty()) names.push_back(name);
    }
    return names;
}

std::vector<std::string> in_our_directory() {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator("/run/gyre", failed)) names.push_back(entry.path());
    return names;
}

}  // namespace

Lines lines_of_sockets(const Hidden& hidden) {
    return {{"engines",
             [] {
                 return first_that_answers({"/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock",
                                            "/run/containerd/containerd.sock", "/run/systemd/private",
                                            "/run/dbus/system_bus_socket"});
             }},
            {"hidden_sockets", [hidden] { return first_that_answers(hidden); }},
            {"listening_sockets", [] { return first_that_answers(listening_sockets()); }},
            {"supervisors_socket", [] { return first_that_answers(in_our_directory()); }}};
}

}  // namespace gyre::escape
