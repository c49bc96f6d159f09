#include "agent/executors/kernel_files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "agent/usage_series.h"
#include "base/fd.h"

namespace gyre::agent {
namespace {

constexpr std::size_t most_bytes = 64 << 10;

}  // namespace

pid_t peer_of(int connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? std::max(peer.pid, 0) : 0;
}

std::optional<std::string> read_start(int directory, const std::string& path) {
    const Fd file(path.empty() ? -1 : openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    std::string text;
    while (text.size() < most_bytes) {
        const auto had = text.size();
        text.resize(std::min(had + 4096, most_bytes));
        const auto got = ::read(file.get(), text.data() + had, text.size() - had);
        text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got <= 0) break;
    }
    return text;
}

void each_line(std::string_view text, const std::function<void(std::string_view line)>& take) {
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string_view next_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const auto word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    return word;
}

std::optional<std::int64_t> whole_number(std::string_view word) {
    std::int64_t number = 0;
    const char* end = word.data() + word.size();
    const auto [stop, failed] = std::from_chars(word.data(), end, number);
    if (failed != std::errc{} || stop != end || number < 0 || number > largest_usage_number) return std::nullopt;
    return number;
}

std::optional<std::int64_t> number_after(std::string_view key, std::string_view text) {
    std::optional<std::int64_t> found;
    each_line(text, [&](std::string_view line) {
        if (!found && next_word(line) == key) found = whole_number(next_word(line));
    });
    return found;
}

void each_cgroup(std::string_view cgroups,
                 const std::function<void(std::string_view controllers, const std::string& path)>& take) {
    each_line(cgroups, [&](std::string_view line) {
        const auto first = line.find(':');
        const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) return;
        const std::string path(line.substr(second + 1));
        if (!path.starts_with('/') || path == "/" || path.find("/..") != std::string::npos) return;
        take(line.substr(first + 1, second - first - 1), path);
    });
}

bool lists(std::string_view controllers, std::string_view controller) {
    return ("," + std::string(controllers) + ",").find("," + std::string(controller) + ",") != std::string::npos;
}

}  // namespace gyre::agent
