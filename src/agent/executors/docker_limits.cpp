#include "agent/executors/docker_limits.h"

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

bool names(std::string_view controllers, std::string_view controller) {
    return ("," + std::string(controllers) + ",").find("," + std::string(controller) + ",") != std::string::npos;
}

// The controller's file `version1` where it has a hierarchy of its own, else `version2` of the common one.
std::string events_file(std::string_view cgroups, const std::string& root, const std::string& controller,
                        const std::string& version1, const std::string& version2) {
    std::string own;
    std::string common;
    each_line(cgroups, [&](std::string_view line) {
        const auto first = line.find(':');
        const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) return;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string path(line.substr(second + 1));
        // The root counts for the whole machine, and what lies above our own root cannot be seen.
        if (path == "/" || path.find("/..") != std::string::npos) return;
        if (names(controllers, controller)) own = root + "/" + controller + path + "/" + version1;
        if (controllers.empty()) common = root + path + "/" + version2;
    });
    return own.empty() ? common : own;
}

std::optional<std::int64_t> count_of(std::string_view name, std::string_view events) {
    std::optional<std::int64_t> found;
    each_line(events, [&](std::string_view line) {
        std::int64_t count = 0;
        if (!line.starts_with(name)) return;
        line.remove_prefix(name.size());
        if (std::from_chars(line.data(), line.data() + line.size(), count).ec == std::errc{}) found = count;
    });
    return found;
}

std::optional<std::int64_t> counted(const std::string& file, std::optional<std::int64_t> (*count)(std::string_view)) {
    return file.empty() ? std::nullopt : count(read_start(file));
}

}  // namespace

std::string memory_events_file(std::string_view cgroups, const std::string& root) {
    return events_file(cgroups, root, "memory", "memory.oom_control", "memory.events");
}

std::string process_events_file(std::string_view cgroups, const std::string& root) {
    return events_file(cgroups, root, "pids", "pids.events", "pids.events");
}

std::optional<std::int64_t> count_kills(std::string_view events) { return count_of("oom_kill ", events); }

std::optional<std::int64_t> count_refusals(std::string_view events) { return count_of("max ", events); }

LimitWatch LimitWatch::of_peer(int connection) {
    LimitWatch watch;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) return watch;
    const std::string cgroups = read_start("/proc/" + std::to_string(peer.pid) + "/cgroup");
    watch.memory_ = memory_events_file(cgroups, cgroup_root);
    watch.processes_ = process_events_file(cgroups, cgroup_root);
    return watch;
}

std::optional<std::int64_t> LimitWatch::kills() const { return counted(memory_, count_kills); }

std::optional<std::int64_t> LimitWatch::refusals() const { return counted(processes_, count_refusals); }

}  // namespace gyre::agent
