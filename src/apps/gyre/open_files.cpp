#include "apps/gyre/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace gyre::apps {
namespace {

constexpr rlim_t most_files = 65'536;
constexpr std::int64_t kept = 2'048;
constexpr std::int64_t most_connections = 10'000;

}  // namespace

std::int64_t raise_open_files() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 1'024;
    const rlimit wanted{std::max(files.rlim_cur, std::min(files.rlim_max, most_files)), files.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) files = wanted;
    return static_cast<std::int64_t>(std::min(files.rlim_cur, most_files));
}

int connections_within(std::int64_t open_files) {
    return static_cast<int>(
        std::clamp(open_files - std::min(open_files / 2, kept), std::int64_t{16}, most_connections));
}

}  // namespace gyre::apps
