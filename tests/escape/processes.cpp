// Other processes, and what this one may do.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "escape/line.h"

namespace gyre::escape {
namespace {

namespace fs = std::filesystem;

// Bits of capability(7) that make root of a container root of the host, or reach its network's packets.
constexpr int dangerous[] = {
    2 /* DAC_READ_SEARCH */, 12 /* NET_ADMIN */,  13 /* NET_RAW */,      16 /* SYS_MODULE */,
    17 /* SYS_RAWIO */,      19 /* SYS_PTRACE */, 21 /* SYS_ADMIN */,    22 /* SYS_BOOT */,
    24 /* SYS_RESOURCE */,   25 /* SYS_TIME */,   32 /* MAC_OVERRIDE */, 33 /* MAC_ADMIN */,
    34 /* SYSLOG */,         38 /* PERFMON */,    39 /* BPF */,          40 /* CHECKPOINT_RESTORE */};

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// "Name:\tvalue" of /proc/self/status.
std::string status_of(const std::string& name) {
    const std::string text = "\n" + text_of("/proc/self/status");
    const auto at = text.find("\n" + name + ":\t");
    if (at == std::string::npos) throw std::runtime_error("/proc/self/status tells no " + name);
    const auto value = at + name.size() + 3;
    return text.substr(value, text.find('\n', value) - value);
}

std::string capabilities() {
    for (const char* set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) {
        const auto bits = std::stoull("0" + status_of(set), nullptr, 16);
        for (const int bit : dangerous) {
            if ((bits >> bit & 1U) != 0) return std::string(set) + " has " + std::to_string(bit);
        }
    }
    return "";
}

std::string no_filter() { return status_of("Seccomp") == "2" ? "" : "Seccomp is " + status_of("Seccomp"); }

std::string gains_privileges() { return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "" : "no_new_privs is not set"; }

std::string reads_the_first_process() {
    for (const char* name : {"environ", "mem", "maps", "auxv"}) {
        if (!text_of(std::string("/proc/1/") + name).empty()) return name;
    }
    for (const char* name : {"root/", "cwd/", "map_files"}) {
        std::error_code failed;
        if (fs::directory_iterator listed(std::string("/proc/1/") + name, failed); !failed) return name;
    }
    for (int fd = 0; fd < 64; ++fd) {  // their numbers may be listed by root; what they are may not be known
        const std::string name = "/proc/1/fd/" + std::to_string(fd);
        std::error_code failed;
        if (!fs::read_symlink(name, failed).empty() || opens(name, O_RDONLY | O_NONBLOCK)) return name;
    }
    return opens("/proc/1/mem", O_WRONLY) ? "mem, for writing" : "";
}

std::string traces_the_first_process() {
    char byte = 0;
    const iovec here{&byte, 1}, there{reinterpret_cast<void*>(0x400000), 1};
    if (process_vm_readv(1, &here, 1, &there, 1, 0) > 0) return "process_vm_readv";
    constexpr long pidfd_getfd = 438;
    const long first = syscall(SYS_pidfd_open, 1, 0);
    if (first >= 0 && syscall(pidfd_getfd, first, 3, 0) >= 0) return "pidfd_getfd";
    return ptrace(PTRACE_SEIZE, 1, nullptr, nullptr) == 0 ? "ptrace" : "";
}

std::string ends_the_first_process() {
    kill(1, SIGKILL);
    kill(1, SIGSTOP);
    return kill(1, 0) != 0 && errno == ESRCH ? "it is gone" : "";
}

// The server, its agents, and the nursery that makes those.
std::string sees_processes_of_the_host() {
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = text_of(entry.path() / "comm");
        for (const char* ours :
             {"gyre\n", "gyre-agent\n", "gyre-nursery\n", "dockerd\n", "containerd\n", "kthreadd\n"}) {
            if (name == ours) return entry.path().filename().string() + " is " + name.substr(0, name.size() - 1);
        }
    }
    return "";
}

// A program of the host that is given cores runs as the host's root; a size of 1 keeps it from being called, 0 does
// not.
std::string gives_a_core_to_the_host() {
    const std::string pattern = text_of("/proc/sys/kernel/core_pattern");
    if (pattern.empty()) throw std::runtime_error("/proc/sys/kernel/core_pattern cannot be read");
    if (pattern[0] != '|' && pattern[0] != '@') return "";
    rlimit limit{};
    getrlimit(RLIMIT_CORE, &limit);
    return limit.rlim_max == 1 ? "" : pattern;
}

}  // namespace

Lines lines_of_processes() {
    return {{"capabilities", capabilities},
            {"seccomp", no_filter},
            {"no_new_privs", gains_privileges},
            {"first_process_read", reads_the_first_process},
            {"first_process_traced", traces_the_first_process},
            {"first_process_ended", ends_the_first_process},
            {"processes_of_the_host", sees_processes_of_the_host},
            {"cores", gives_a_core_to_the_host}};
}

}  // namespace gyre::escape
