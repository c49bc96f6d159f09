#include "agent/executors/container_parts.h"

#include <poll.h>

#include <algorithm>
#include <fstream>

namespace gyre::agent {

std::int64_t hard_limit(__rlimit_resource which) {
    rlimit limit{};
    if (::getrlimit(which, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return 0;
    return static_cast<std::int64_t>(limit.rlim_max);
}

// core(5): a pattern that begins so names a program, or the socket of one.
bool cores_go_to_a_program() {
    std::ifstream file("/proc/sys/kernel/core_pattern");
    const int first = file.peek();
    return first == '|' || first == '@';
}

Environment without(const Environment& secrets, Environment environment) {
    std::erase_if(environment, [&](const EnvVar& one) { return std::ranges::find(secrets, one) != secrets.end(); });
    return environment;
}

bool says_any(std::string_view message, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return message.find(word) != std::string_view::npos; });
}

bool has_ended(const Fd& connection) {
    pollfd other_end{connection.get(), POLLRDHUP, 0};
    return ::poll(&other_end, 1, 0) > 0 && (other_end.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace gyre::agent
