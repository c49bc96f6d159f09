#include "agent/own_limits.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace gyre::agent {
namespace {

// A process with threads whose table of descriptors grows waits for all CPUs, some 10 ms each time: it shall grow now.
constexpr int descriptors_at_once = 256;

}  // namespace

void set_own_limits() {
    ::mallopt(M_ARENA_MAX, 1);  // its threads wait for sockets, and an arena for each costs more than sharing one
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = std::max(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 65'536));
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    // Not 0: that stops core files, but not a core_pattern that is a program; 1 stops both (core(5)). And not
    // PR_SET_DUMPABLE: our /proc/self would be root's, and no sandbox could write its uid map there.
    rlimit core{};
    if (::getrlimit(RLIMIT_CORE, &core) == 0) {
        core.rlim_max = core.rlim_cur = std::min<rlim_t>(core.rlim_max, 1);
        ::setrlimit(RLIMIT_CORE, &core);
    }
    if (const int high = ::fcntl(0, F_DUPFD_CLOEXEC, descriptors_at_once - 1); high >= 0) ::close(high);
}

}  // namespace gyre::agent
