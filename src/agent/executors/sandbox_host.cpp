#include "agent/executors/sandbox_host.h"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace gyre::agent {
namespace {

constexpr const char* lock_directory = "/run/gyre-sandbox-uids";
constexpr uid_t uids = 400;

std::vector<std::string> fields_of(const std::string& line, char separator) {
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, separator);) fields.push_back(field);
    return fields;
}

std::string setting(const std::string& name) {
    std::ifstream file("/proc/sys/" + name);
    std::string value;
    file >> value;
    return value;
}

bool is_system_directory(const std::string& path) {
    static const std::set<std::string, std::less<>> ours{"bin", "etc", "lib",  "lib32", "lib64", "libx32",
                                                         "nix", "opt", "sbin", "snap",  "usr",   "var"};
    const auto end = std::min(path.find('/', 1), path.size());
    return path.size() > 1 && ours.contains(path.substr(1, end - 1));
}

// Directories of users may be asked over a network, so for as few as may be.
bool is_somebodys(uid_t uid) {
    passwd entry{};
    passwd* known = nullptr;
    std::array<char, 4096> buffer{};
    return getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &known) == 0 && known != nullptr;
}

}  // namespace

Result<std::string> find_bubblewrap() {
    const char* path = std::getenv("PATH");
    for (const auto& directory :
         fields_of(std::string(path == nullptr ? "" : path) + ":/usr/bin:/usr/local/bin", ':')) {
        std::string candidate = directory + "/bwrap";
        if (!directory.empty() && access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return unavailable("jobs in a sandbox need bubblewrap: install it (apt-get install bubblewrap)");
}

std::string user_namespace_advice() {
    if (setting("user/max_user_namespaces") == "0") {
        return "this host allows no user namespaces: set sysctl user.max_user_namespaces to 10000";
    }
    if (setting("kernel/unprivileged_userns_clone") == "0") {
        return "this host keeps users from making user namespaces: set sysctl kernel.unprivileged_userns_clone=1";
    }
    if (setting("kernel/apparmor_restrict_unprivileged_userns") == "1") {
        return "this host lets AppArmor restrict user namespaces: give bwrap a profile that allows userns, or set "
               "sysctl "
               "kernel.apparmor_restrict_unprivileged_userns=0";
    }
    return "";
}

std::string described_end(int status) {
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code > 128 && code <= 128 + SIGRTMAX) return "was killed by signal " + std::to_string(code - 128);
    return "ended unexpectedly (exit code " + std::to_string(code) + ")";
}

std::string passwd_inside(std::string_view host, uid_t uid, gid_t gid) {
    std::string inside;
    std::istringstream lines{std::string(host)};
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line, ':');
        if (fields.size() < 3 || fields[0] == job_user || fields[2] == std::to_string(uid)) continue;
        inside += line + "\n";
    }
    return inside + job_user + ":x:" + std::to_string(uid) + ":" + std::to_string(gid) + ":Gyre job:" + job_home +
           ":/bin/bash\n";
}

std::string group_inside(std::string_view host, gid_t gid) {
    std::string inside;
    std::istringstream lines{std::string(host)};
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line, ':');
        if (fields.size() < 3 || fields[0] == job_user || fields[2] == std::to_string(gid)) continue;
        inside += line + "\n";
    }
    return inside + job_user + ":x:" + std::to_string(gid) + ":\n";
}

std::vector<std::string> system_mounts(std::string_view mountinfo) {
    std::vector<std::string> points;
    std::istringstream lines{std::string(mountinfo)};
    for (std::string line; std::getline(lines, line);) {
        const auto fields = fields_of(line, ' ');
        // a space in a mount point is written \040; such a place is no part of any system
        if (fields.size() < 5 || fields[4].find('\\') != std::string::npos || !is_system_directory(fields[4])) continue;
        points.push_back(fields[4]);
    }
    std::sort(points.begin(), points.end());  // parents first
    points.erase(std::unique(points.begin(), points.end()), points.end());
    return points;
}

Result<UidLease> UidLease::take(uid_t first) {
    if (mkdir(lock_directory, 0700) != 0 && errno != EEXIST)
        return errno_error(std::string("making ") + lock_directory);
    for (uid_t uid = first; uid < first + uids; ++uid) {
        const std::string path = std::string(lock_directory) + "/" + std::to_string(uid);
        Fd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!lock) return errno_error("opening " + path);
        if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0 && !is_somebodys(uid)) return UidLease(std::move(lock), uid);
    }
    return unavailable("all " + std::to_string(uids) + " user ids for sandboxes from " + std::to_string(first) +
                       " on are in use");
}

}  // namespace gyre::agent
