#include "agent/executors/marked_processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

constexpr int most_rounds = 200;
constexpr int round_ms = 20;
constexpr std::size_t most_bytes = 4 << 20;  // of an environment; the kernel's own limit is lower with usual settings

// Whether `environment`, as /proc shows it, has that entry.
bool has_entry(std::string_view environment, std::string_view entry) {
    for (std::size_t at = 0; at < environment.size();) {
        const auto end = std::min(environment.find('\0', at), environment.size());
        if (environment.substr(at, end - at) == entry) return true;
        at = end + 1;
    }
    return false;
}

// Empty when it is gone, or is another user's, or has ended and only waits for its parent.
std::string environment_of(const char* process) {
    const Fd file(open(("/proc/" + std::string(process) + "/environ").c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 16384> bytes;  // NOLINT: written by read
    ssize_t got = 0;
    while (file && text.size() < most_bytes && (got = read(file.get(), bytes.data(), bytes.size())) > 0)
        text.append(bytes.data(), static_cast<std::size_t>(got));
    return text;
}

// As descriptors: their numbers cannot become others'.
std::vector<Fd> marked_processes(const std::string& entry) {
    std::vector<Fd> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> all(opendir("/proc"), &closedir);
    while (const dirent* process = all ? readdir(all.get()) : nullptr) {
        const int number = std::atoi(process->d_name);
        if (number <= 0 || number == getpid()) continue;
        Fd one(static_cast<int>(syscall(SYS_pidfd_open, number, 0)));
        if (one && has_entry(environment_of(process->d_name), entry)) found.push_back(std::move(one));
    }
    return found;
}

}  // namespace

Result<void> end_marked_processes(const std::string& attempt) {
    const std::string entry = std::string(wire::attempt_variable) + "=" + attempt;
    for (int round = 0; round < most_rounds; ++round) {
        const auto found = marked_processes(entry);
        if (found.empty()) return {};
        for (const auto& one : found) syscall(SYS_pidfd_send_signal, one.get(), SIGKILL, nullptr, 0);
        for (const auto& one : found) {
            pollfd end{one.get(), POLLIN, 0};
            poll(&end, 1, round_ms);
        }
    }
    return unavailable("some processes of the attempt " + attempt + " do not end");
}

}  // namespace gyre::agent
