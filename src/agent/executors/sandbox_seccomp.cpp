#include "agent/executors/sandbox_seccomp.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace gyre::agent {
namespace {

constexpr const char* refused[] = {
    // mounts and namespaces
    "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "setns", "unshare",
    // keys, tracing, kernel code
    "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "kexec_load", "kexec_file_load",
    "init_module", "finit_module", "delete_module", "create_module", "query_module", "lookup_dcookie", "syslog",
    "_sysctl", "nfsservctl",
    // the machine
    "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday", "clock_settime",
    "clock_settime64", "stime", "iopl", "ioperm", "vhangup", "uselib", "open_by_handle_at"};

// Programs take ENOSYS as "this kernel is older" and do it another way. clone3 hides its flags from filters.
constexpr const char* absent[] = {"clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"};

constexpr unsigned namespace_flags[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                        CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

constexpr int refused_families[] = {AF_VSOCK, AF_ALG, AF_PACKET, AF_KEY};

struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

void add(const Filter& filter, unsigned action, const char* name) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR) seccomp_rule_add(filter.get(), action, number, 0);
}

void add_argument_rules(const Filter& filter) {
    const unsigned eperm = SCMP_ACT_ERRNO(EPERM);
    for (const unsigned flag : namespace_flags) {
        seccomp_rule_add(filter.get(), eperm, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    }
    for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}}) {
        seccomp_rule_add(filter.get(), eperm, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffU, request));
    }
    for (const int family : refused_families) {
        seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                         SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
    }
}

json::object profile_rule(json::array names, int error, json::array arguments = {}) {
    return {
        {"names", std::move(names)}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", error}, {"args", std::move(arguments)}};
}

json::object masked_argument(unsigned index, std::uint64_t mask, std::uint64_t value) {
    return {{"index", index}, {"value", mask}, {"valueTwo", value}, {"op", "SCMP_CMP_MASKED_EQ"}};
}

// Without those that this library does not know: some runtimes refuse a profile with an unknown name in it.
template <std::size_t n>
json::array known_names(const char* const (&names)[n]) {
    json::array known;
    for (const char* name : names) {
        if (seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR) known.emplace_back(name);
    }
    return known;
}

json::array profile_architectures() {
    if (seccomp_arch_native() == SCMP_ARCH_X86_64) return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86"};
    if (seccomp_arch_native() == SCMP_ARCH_AARCH64) return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
    return {};
}

Result<Fd> memory_file() {
    Fd file(memfd_create("gyre-seccomp", MFD_CLOEXEC));
    if (!file) return errno_error("making a memory file");
    return file;
}

Result<std::string> compile() {
    const Filter filter(seccomp_init(SCMP_ACT_ALLOW));
    if (!filter) return unavailable("making a seccomp filter failed");
    seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));
    if (seccomp_arch_native() == SCMP_ARCH_X86_64) seccomp_arch_add(filter.get(), SCMP_ARCH_X86);
    if (seccomp_arch_native() == SCMP_ARCH_AARCH64) seccomp_arch_add(filter.get(), SCMP_ARCH_ARM);
    for (const char* name : refused) add(filter, SCMP_ACT_ERRNO(EPERM), name);
    for (const char* name : absent) add(filter, SCMP_ACT_ERRNO(ENOSYS), name);
    add_argument_rules(filter);
    GYRE_TRY_ASSIGN(const Fd file, memory_file());
    const int failed = seccomp_export_bpf(filter.get(), file.get());
    if (failed != 0) return unavailable("compiling the seccomp filter failed with error " + std::to_string(-failed));
    std::string code(static_cast<std::size_t>(lseek(file.get(), 0, SEEK_END)), '\0');
    if (pread(file.get(), code.data(), code.size(), 0) != static_cast<ssize_t>(code.size()))
        return errno_error("reading a memory file");
    return code;
}

}  // namespace

json::object seccomp_profile() {
    json::array rules{profile_rule(known_names(refused), EPERM), profile_rule(known_names(absent), ENOSYS)};
    for (const unsigned flag : namespace_flags)
        rules.push_back(profile_rule({"clone"}, EPERM, {masked_argument(0, flag, flag)}));
    for (const std::uint64_t request : {std::uint64_t{TIOCSTI}, std::uint64_t{TIOCLINUX}})
        rules.push_back(profile_rule({"ioctl"}, EPERM, {masked_argument(1, 0xffffffffU, request)}));
    for (const int family : refused_families) {
        rules.push_back(profile_rule({"socket"}, EAFNOSUPPORT,
                                     {json::object{{"index", 0}, {"value", family}, {"op", "SCMP_CMP_EQ"}}}));
    }
    return {{"defaultAction", "SCMP_ACT_ALLOW"},
            {"architectures", profile_architectures()},
            {"syscalls", std::move(rules)}};
}

Result<Fd> compile_seccomp_filter() {
    static const Result<std::string> code = compile();
    if (!code) return code.error();
    GYRE_TRY_ASSIGN(Fd file, memory_file());
    if (pwrite(file.get(), code->data(), code->size(), 0) != static_cast<ssize_t>(code->size()))
        return errno_error("writing a memory file");
    return file;
}

}  // namespace gyre::agent
