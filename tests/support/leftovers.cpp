#include "support/leftovers.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "support/eventually.h"
#include "support/program.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

struct Stat {
    pid_t parent = 0;
    char state = '?';
};

// /proc/<pid>/stat: "pid (name, which may hold anything) state parent ...".
Stat stat_of(pid_t process) {
    const std::string text = read_file("/proc/" + std::to_string(process) + "/stat");
    Stat result;
    const auto end = text.rfind(')');
    if (end == std::string::npos) return result;
    std::istringstream(text.substr(end + 1)) >> result.state >> result.parent;
    return result;
}

std::vector<pid_t> all_processes() {
    std::vector<pid_t> result;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        pid_t id = 0;
        const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (failed == std::errc{} && end == name.data() + name.size()) result.push_back(id);
    }
    return result;
}

bool descends(pid_t process, const std::map<pid_t, Stat>& stats, pid_t ancestor) {
    for (int depth = 0; depth < 1000 && process > 1; ++depth) {
        const auto found = stats.find(process);
        if (found == stats.end()) return false;
        if (found->second.parent == ancestor) return true;
        process = found->second.parent;
    }
    return false;
}

RunningProcess look_at(pid_t process, pid_t parent) {
    const std::string folder = "/proc/" + std::to_string(process);
    RunningProcess result{process, parent, "", read_file(folder + "/cmdline")};
    std::error_code failed;
    result.program = fs::read_symlink(folder + "/exe", failed).filename();
    constexpr std::string_view replaced = " (deleted)";  // by a build that goes on beside the test, under any name
    if (result.program.ends_with(replaced))
        result.program = fs::path(result.command_line.substr(0, result.command_line.find('\0'))).filename();
    // One program, two parts: the process that is copied says so (base/nursery.h).
    if (read_file(folder + "/comm") == "gyre-nursery\n") result.program = "gyre-nursery";
    std::replace(result.command_line.begin(), result.command_line.end(), '\0', ' ');
    return result;
}

}  // namespace

void adopt_orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

std::vector<RunningProcess> descendants(pid_t not_reaped) {
    std::map<pid_t, Stat> stats;
    for (const pid_t process : all_processes()) stats[process] = stat_of(process);
    std::vector<RunningProcess> result;
    for (const auto& [process, stat] : stats) {
        if (!descends(process, stats, ::getpid())) continue;
        if (stat.state != 'Z') {
            auto running = look_at(process, stat.parent);
            if (running.program != "postgres") result.push_back(std::move(running));
        } else if (stat.parent == ::getpid() && process != not_reaped) {
            ::waitpid(process, nullptr, WNOHANG);
        }
    }
    return result;
}

void kill_descendants() {
    eventually("all processes of the test end", [] {
        const auto left = descendants();
        for (const auto& process : left) ::kill(process.id, SIGKILL);
        return left.empty();
    });
}

std::vector<std::string> mounts_below(const std::string& directory) {
    // by its name alone: what a mount shows is told as a path of its file system, which may be mounted anywhere
    const std::string name = "/" + fs::path(directory).filename().string();
    const auto names_it = [&](const std::string& path) { return (path + "/").find(name + "/") != std::string::npos; };
    std::set<std::string> seen;
    std::vector<std::string> result;
    for (const pid_t process : all_processes()) {
        const std::string folder = "/proc/" + std::to_string(process);
        std::error_code failed;
        if (!seen.insert(fs::read_symlink(folder + "/ns/mnt", failed).string()).second) continue;
        std::istringstream lines(read_file(folder + "/mountinfo"));
        for (std::string line; std::getline(lines, line);) {
            std::istringstream words(line);
            std::string id, parent, device, root, point;
            words >> id >> parent >> device >> root >> point;
            if (names_it(root) || names_it(point)) result.push_back(root + " at " + point + " of " + folder);
        }
    }
    return result;
}

std::vector<std::string> files_named(const std::string& directory, const std::string& text) {
    std::vector<std::string> result;
    std::error_code failed;
    fs::recursive_directory_iterator entry(directory, fs::directory_options::skip_permission_denied, failed);
    for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
        if (entry->path().filename().string().find(text) != std::string::npos) result.push_back(entry->path());
    }
    return result;
}

std::vector<std::string> cgroups_named(const std::string& text) { return files_named("/sys/fs/cgroup", text); }

std::int64_t memory_of(pid_t process) {
    std::istringstream lines(read_file("/proc/" + std::to_string(process) + "/smaps_rollup"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("Pss:")) return std::stoll(line.substr(4)) * 1024;
    }
    return 0;
}

std::string described(const std::vector<RunningProcess>& processes) {
    std::string result;
    for (const auto& process : processes)
        result += std::to_string(process.id) + " " + process.program + ": " + process.command_line + "\n";
    return result;
}

}  // namespace gyre::test
