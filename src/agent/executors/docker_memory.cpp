#include "agent/executors/docker_memory.h"

#include <sys/socket.h>

#include <charconv>
#include <fstream>

namespace gyre::agent {
namespace {

constexpr std::size_t most_bytes = 64 << 10;
constexpr const char* cgroup_root = "/sys/fs/cgroup";

std::string read_start(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(most_bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

template <typename Take>
void each_line(std::string_view text, const Take& take) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        take(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

bool names_memory(std::string_view controllers) {
    return ("," + std::string(controllers) + ",").find(",memory,") != std::string::npos;
}

}  // namespace

std::string memory_events_file(std::string_view cgroups, const std::string& root) {
    std::string version1;
    std::string version2;
    each_line(cgroups, [&](std::string_view line) {
        const auto first = line.find(':');
        const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) return;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string path(line.substr(second + 1));
        // The root counts for the whole machine, and what lies above our own root cannot be seen.
        if (path == "/" || path.find("/..") != std::string::npos) return;
        if (names_memory(controllers)) version1 = root + "/memory" + path + "/memory.oom_control";
        if (controllers.empty()) version2 = root + path + "/memory.events";
    });
    return version1.empty() ? version2 : version1;
}

std::optional<std::int64_t> count_kills(std::string_view events) {
    constexpr std::string_view name = "oom_kill ";
    std::optional<std::int64_t> kills;
    each_line(events, [&](std::string_view line) {
        std::int64_t count = 0;
        if (!line.starts_with(name)) return;
        line.remove_prefix(name.size());
        if (std::from_chars(line.data(), line.data() + line.size(), count).ec == std::errc{}) kills = count;
    });
    return kills;
}

MemoryWatch MemoryWatch::of_peer(int connection) {
    MemoryWatch watch;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) return watch;
    watch.file_ = memory_events_file(read_start("/proc/" + std::to_string(peer.pid) + "/cgroup"), cgroup_root);
    return watch;
}

std::optional<std::int64_t> MemoryWatch::kills() const {
    if (file_.empty()) return std::nullopt;
    return count_kills(read_start(file_));
}

}  // namespace gyre::agent
