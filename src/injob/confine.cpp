#include "injob/confine.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

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

}  // namespace

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
