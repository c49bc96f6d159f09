// System calls that a job has no need of and that have been ways out.

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "escape/line.h"

namespace gyre::escape {
namespace {

struct Call {
    const char* name;
    long number;
    long second = 0, fourth = 0, fifth = 0;  // arguments
};

constexpr long too_much = -1;  // as a count, or as flags

// With arguments that none of them takes, zeros as a rule; the answer shows who refused: a gate, or the call itself.
constexpr Call calls[] = {{"mount", SYS_mount},
                          {"umount2", SYS_umount2},
                          {"pivot_root", SYS_pivot_root},
                          {"fsopen", SYS_fsopen},
                          {"fsmount", SYS_fsmount},
                          {"open_tree", SYS_open_tree},
                          {"move_mount", SYS_move_mount},
                          {"setns", SYS_setns},
                          {"keyctl", SYS_keyctl},
                          {"add_key", SYS_add_key},
                          {"request_key", SYS_request_key},
                          {"bpf", SYS_bpf},
                          {"perf_event_open", SYS_perf_event_open},
                          {"userfaultfd", SYS_userfaultfd},
                          {"io_uring_setup", SYS_io_uring_setup},
                          {"kexec_load", SYS_kexec_load, too_much},  // no segments: unloads
                          {"kexec_file_load", SYS_kexec_file_load, 0, 0, too_much},
                          {"init_module", SYS_init_module},
                          {"finit_module", SYS_finit_module},
                          {"delete_module", SYS_delete_module},
                          {"open_by_handle_at", SYS_open_by_handle_at},
                          {"reboot", SYS_reboot},
                          {"swapon", SYS_swapon},
                          {"swapoff", SYS_swapoff},
                          {"syslog", SYS_syslog},
                          {"quotactl", SYS_quotactl},
                          {"settimeofday", SYS_settimeofday}};

std::string is_let_in(const Call& call) {
    errno = 0;
    if (syscall(call.number, 0, call.second, 0, call.fourth, call.fifth, 0) >= 0) return "it was carried out";
    if (errno == EPERM || errno == ENOSYS || errno == EACCES) return "";
    return std::string("it was let in: ") + std::strerror(errno);
}

std::string makes_a_namespace(int flag) {
    if (unshare(flag) == 0) return "unshare";
    const long child = syscall(SYS_clone, flag | SIGCHLD, nullptr, nullptr, nullptr, 0);
    if (child == 0) _exit(0);
    if (child > 0) return "clone";
    struct {
        std::uint64_t flags, words[7];
    } arguments{static_cast<std::uint64_t>(flag), {}};
    arguments.words[3] = SIGCHLD;
    const long other = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (other == 0) _exit(0);
    return other > 0 ? "clone3" : "";
}

std::string mounts() {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) return "a user namespace to mount in";
    if (mount("escape", "/tmp", "tmpfs", MS_NOSUID, nullptr) == 0) return "a file system in memory";
    if (mount("escape", "/tmp", "cgroup", 0, "memory") == 0) return "control groups";
    if (mount("/", "/tmp", nullptr, MS_BIND, nullptr) == 0) return "another view of /";
    if (mount(nullptr, "/proc/sys", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0) return "/proc/sys for writing";
    for (const char* covered : {"/proc/kcore", "/proc/sys", "/proc", "/sys", "/root", "/home", "/run"}) {
        if (umount2(covered, MNT_DETACH) == 0) return std::string("what ") + covered + " covers";
    }
    return "";
}

// Whoever may type is told that there is nothing at that address.
bool may_type(int terminal) {
    return isatty(terminal) == 1 && (ioctl(terminal, TIOCSTI, nullptr) == 0 || errno == EFAULT);
}

// Words typed into the terminal of whoever started the job.
std::string types_into_a_terminal() {
    for (int fd = 0; fd < 3; ++fd) {
        if (may_type(fd)) return "descriptor " + std::to_string(fd);
    }
    const int terminal = open("/dev/tty", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return may_type(terminal) ? "/dev/tty" : "";
}

}  // namespace

Lines lines_of_calls() {
    Lines lines;
    for (const Call& call : calls)
        lines.push_back({std::string("call_") + call.name, [call] { return is_let_in(call); }});
    lines.push_back({"mounts", mounts});
    lines.push_back({"user_namespace", [] { return makes_a_namespace(CLONE_NEWUSER); }});
    lines.push_back({"mount_namespace", [] { return makes_a_namespace(CLONE_NEWNS); }});
    lines.push_back({"network_namespace", [] { return makes_a_namespace(CLONE_NEWNET); }});
    lines.push_back({"terminal", types_into_a_terminal});
    return lines;
}

}  // namespace gyre::escape
