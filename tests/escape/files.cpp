// The kernel's files, devices, and files of the host.

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "escape/line.h"

namespace gyre::escape {
namespace {

namespace fs = std::filesystem;

constexpr int most_descriptors = 1023;  // the last one is ours
constexpr int most_files = 2'000'000;   // of one file system that is walked

std::string first_that_opens(const std::vector<std::string>& paths, int flags) {
    for (const auto& path : paths) {
        if (opens(path, flags)) return path;
    }
    return "";
}

// Of a directory below `top`: it is gone, or those in it are out of sight.
bool is_left_out(const std::error_code& failed, bool is_top) {
    return failed == std::errc::no_such_file_or_directory || failed == std::errc::no_such_device ||
           (failed == std::errc::permission_denied && !is_top);
}

// What below `top` `is_open` says yes to, first. Links are not followed. Throws when it could not look at all of it.
template <typename Predicate>
std::string found_below(const std::string& top, Predicate is_open) {
    std::vector<std::string> directories{top};
    for (int seen = 0; !directories.empty();) {
        const std::string directory = std::move(directories.back());
        directories.pop_back();
        std::error_code failed, ignored;
        for (fs::directory_iterator at(directory, failed), end; !failed && at != end; at.increment(failed)) {
            if (++seen > most_files) throw std::runtime_error("more files than it looks at below " + top);
            if (is_open(at->path().string())) return at->path();
            if (!at->is_symlink(ignored) && at->is_directory(ignored)) directories.push_back(at->path());
        }
        if (failed && !is_left_out(failed, directory == top)) throw fs::filesystem_error("list", directory, failed);
    }
    return "";
}

bool is_harmless(const struct stat& facts) {
    constexpr unsigned memory = 1;  // null, zero, full, random, urandom
    constexpr unsigned terminals = 5;
    const unsigned kind = major(facts.st_rdev);
    const unsigned number = minor(facts.st_rdev);
    if (kind == memory) return number == 3 || number == 5 || number == 7 || number == 8 || number == 9;
    return kind == terminals || (kind >= 136 && kind <= 143);
}

// Without opening it, which is an act by itself: a watchdog is armed, a tape rewound. The kernel asks the control group
// of devices here as it does when one is opened; of the mount's flag it only tells.
bool may_be_opened(const std::string& path) {
    struct statvfs place {};
    if (statvfs(path.c_str(), &place) != 0 || (place.f_flag & ST_NODEV) != 0) return false;
    return faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0 ||
           faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

bool is_open_device(const std::string& path) {
    struct stat facts {};
    if (lstat(path.c_str(), &facts) != 0) return false;
    const bool dangerous = S_ISBLK(facts.st_mode) || (S_ISCHR(facts.st_mode) && !is_harmless(facts));
    return dangerous && may_be_opened(path);
}

// And not one in the container's own memory, as engines mount it to hang control groups in.
bool is_the_kernels(const std::string& path) {
    struct statfs facts {};
    return statfs(path.c_str(), &facts) == 0 && facts.f_type != TMPFS_MAGIC;
}

std::string writes_below_sys() {
    return found_below("/sys", [](const std::string& path) {
        struct stat facts {};
        return lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && is_the_kernels(path) &&
               opens(path, O_WRONLY | O_NONBLOCK);
    });
}

std::string makes_a_device() {
    std::vector<std::pair<mode_t, dev_t>> devices{{S_IFCHR, makedev(1, 1)},      // memory
                                                  {S_IFCHR, makedev(1, 11)},     // the kernel's log
                                                  {S_IFCHR, makedev(10, 229)},   // fuse
                                                  {S_IFCHR, makedev(10, 237)}};  // loop devices
    std::ifstream partitions("/proc/partitions");
    for (std::string text; std::getline(partitions, text);) {
        unsigned kind = 0, number = 0;
        if (std::istringstream(text) >> kind >> number) devices.emplace_back(S_IFBLK, makedev(kind, number));
    }
    const std::string node = "escape-device-" + std::to_string(getpid());
    for (const auto& [type, device] : devices) {
        if (mknod(node.c_str(), type | 0600U, device) != 0) continue;
        const bool open = opens(node, O_RDONLY | O_NONBLOCK);
        unlink(node.c_str());
        if (open) return "device " + std::to_string(major(device)) + ":" + std::to_string(minor(device));
    }
    return "";
}

// The program that starts steps is a file of the host (CVE-2019-5736).
std::string writes_to_the_supervisor() {
    const std::string found = first_that_opens(
        {"/proc/1/exe", "/run/gyre/gyre-injob", "/run/gyre/circleci", "/run/gyre/circleci-agent"}, O_WRONLY);
    if (!found.empty()) return found;
    for (const char* name : {"/run/gyre/gyre-injob", "/run/gyre/circleci"}) {
        if (chmod(name, 0755) == 0) return std::string("chmod ") + name;
    }
    return opens("/run/gyre/escape", O_WRONLY | O_CREAT) ? "a file in /run/gyre" : "";
}

// The way of CVE-2019-5736: hold the file of a helper that runs, and open it for writing once it has ended.
std::string writes_to_a_helper_that_ran() {
    int input[2] = {-1, -1}, started[2] = {-1, -1};
    if (pipe(input) != 0 || pipe2(started, O_CLOEXEC) != 0) return "no pipe";
    const pid_t child = fork();
    if (child == 0) {
        dup2(input[0], 0);
        close(input[1]);
        execl("/run/gyre/gyre-injob", "circleci", "env", "subst", nullptr);  // waits for its input
        _exit(1);
    }
    close(started[1]);
    char byte = 0;
    if (read(started[0], &byte, 1) != 0) return "the helper did not start";
    const int held = open(("/proc/" + std::to_string(child) + "/exe").c_str(), O_PATH | O_CLOEXEC);
    close(input[1]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) return "the helper did not run";
    return held >= 0 && opens("/proc/self/fd/" + std::to_string(held), O_WRONLY) ? "the helper's file" : "";
}

std::string sees(const Hidden& hidden) { return first_that_opens(hidden, O_RDONLY | O_NONBLOCK); }

// What is inherited from those who started the job (CVE-2024-21626).
std::string descriptors() {
    for (int fd = 3; fd < most_descriptors; ++fd) {
        if (fcntl(fd, F_GETFD) < 0) continue;
        std::error_code failed;
        return std::to_string(fd) + " is " + fs::read_symlink("/proc/self/fd/" + std::to_string(fd), failed).string();
    }
    return "";
}

std::string unmasked() {
    return first_that_opens({"/proc/kcore", "/proc/kmsg", "/proc/vmcore", "/proc/sysrq-trigger", "/dev/mem",
                             "/dev/kmem", "/dev/port", "/dev/kmsg"},
                            O_RDONLY | O_NONBLOCK);
}

}  // namespace

Lines lines_of_files(const Hidden& hidden) {
    // clang-format off
    return {
        {"descriptors", descriptors},
        {"proc_sys", [] { return first_that_opens({
            "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/sysrq",
            "/proc/sys/vm/panic_on_oom", "/proc/sys/fs/binfmt_misc/register", "/proc/sys/kernel/hostname"}, O_WRONLY); }},
        {"sysrq", [] { return first_that_opens({"/proc/sysrq-trigger"}, O_WRONLY); }},
        {"sys", writes_below_sys},
        {"memory_of_the_machine", unmasked},
        {"devices", [] { return found_below("/dev", is_open_device); }},
        {"made_devices", makes_a_device},
        {"supervisors_program", writes_to_the_supervisor},
        {"helpers_program", writes_to_a_helper_that_ran},
        {"hidden", [hidden] { return sees(hidden); }},
    };
    // clang-format on
}

}  // namespace gyre::escape
