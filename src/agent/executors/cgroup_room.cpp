#include "agent/executors/cgroup_room.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "base/fd.h"

namespace gyre::agent {
namespace {

constexpr int most_rounds = 100;  // processes may be born while others move

bool says_delegated(const std::string& group, const char* attribute) {
    char value = 0;
    return getxattr(group.c_str(), attribute, &value, 1) == 1 && value == '1';
}

// The true root has no type, and neither has anything else than a group.
bool has_type(const std::string& group) { return access((group + "/cgroup.type").c_str(), F_OK) == 0; }

bool is_root_of_a_container(const std::string& group) {
    return has_type(group) && access((group + "/../cgroup.controllers").c_str(), F_OK) != 0;
}

}  // namespace

std::vector<pid_t> processes_in(const std::string& group) {
    std::ifstream file(group + "/cgroup.procs");
    std::vector<pid_t> all;
    for (pid_t pid = 0; file >> pid;) all.push_back(pid);
    return all;
}

bool is_in(const std::string& group) { return std::ranges::count(processes_in(group), getpid()) > 0; }

bool hands_down(const std::string& group) { return !has_type(group) || processes_in(group).empty(); }

bool is_delegated(const std::string& group) {
    return says_delegated(group, "user.delegate") || says_delegated(group, "trusted.delegate") ||
           is_root_of_a_container(group);
}

bool vacate(const std::string& group) {
    const std::string below = group + "/gyre-own";  // swept like those of boxes, once nobody is in it
    for (int round = 0; round < most_rounds; ++round) {
        const auto inside = processes_in(group);
        if (inside.empty()) return true;
        // a process of another namespace, which cannot be named here: to write "0" would mean ourselves
        if (std::ranges::count(inside, 0) > 0) return false;
        if (mkdir(below.c_str(), 0755) != 0 && errno != EEXIST) return false;
        const Fd entrance(open((below + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
        if (!entrance && errno == ENOENT) continue;  // somebody swept it, as it was empty
        if (!entrance) return false;
        for (const pid_t pid : inside) {
            const auto number = std::to_string(pid);
            if (write(entrance.get(), number.data(), number.size()) < 0 && errno != ESRCH && errno != ENODEV)
                return false;
        }
    }
    return false;
}

}  // namespace gyre::agent
