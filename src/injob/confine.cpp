#include "injob/confine.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "base/fd.h"

namespace gyre::injob {
namespace {

// linux/landlock.h of Linux 6.12; older headers lack the last member.
struct RulesetAttributes {
    std::uint64_t handled_access_fs = 0;
    std::uint64_t handled_access_net = 0;
    std::uint64_t scoped = 0;
};
constexpr std::uint64_t scope_abstract_unix_socket = 1;
constexpr long create_ruleset = 444;
constexpr long restrict_self = 446;

Result<std::vector<sock_filter>> read_filter(const std::string& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return errno_error("opening " + path);
    std::vector<sock_filter> rules(BPF_MAXINSNS + 1);
    const auto size = read(file.get(), rules.data(), rules.size() * sizeof(sock_filter));
    if (size < 0) return errno_error("reading " + path);
    rules.resize(static_cast<std::size_t>(size) / sizeof(sock_filter));
    if (rules.empty() || rules.size() > BPF_MAXINSNS) return invalid(path + " is no filter of system calls");
    return rules;
}

}  // namespace

Result<void> refuse_system_calls(const std::string& file, bool expected) {
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
        if (!expected) return {};
        return unavailable(
            "the engine started this container without no-new-privileges, which was asked for: its root "
            "would have more system calls than a job may have; use a newer engine or runtime");
    }
    GYRE_TRY_ASSIGN(auto rules, read_filter(file));
    sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return errno_error("refusing system calls");
    return {};
}

bool confine_abstract_sockets() {
    RulesetAttributes attributes;
    attributes.scoped = scope_abstract_unix_socket;
    const long ruleset = syscall(create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0) return false;
    const bool done = syscall(restrict_self, ruleset, 0) == 0;
    close(static_cast<int>(ruleset));
    return done;
}

}  // namespace gyre::injob
