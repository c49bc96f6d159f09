#include "agent/own_limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace gyre::agent {

void set_own_limits() {
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
}

}  // namespace gyre::agent
