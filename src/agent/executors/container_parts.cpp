#include "agent/executors/container_parts.h"

#include <poll.h>

#include <algorithm>
#include <fstream>

namespace gyre::agent {
namespace {

constexpr int killed_exit_code = 128 + 9;

std::string exit_text(const ContainerEnd& end) { return "exit code " + std::to_string(end.exit_code); }

}  // namespace

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

std::string memory_limit_text(const Resources& resources, bool is_limited) {
    if (resources.memory_mb == 0 || !is_limited) return "what this machine has";
    return std::to_string(resources.memory_mb) + " MB";
}

std::string quoted_output(std::string output) {
    while (output.ends_with('\n')) output.pop_back();
    return output.empty() ? output : "; its last output:\n" + output;
}

Error explain_start(const std::string& image, bool runs_ours, const std::string& said) {
    const std::string what = "the container of image " + image + " does not start: " + said;
    if (says_any(said, {"unable to find user", "no matching entries in passwd", "unable to find group"}))
        return invalid(what + "; check `user`");
    if (!runs_ours &&
        says_any(said, {"executable file", "o such file", "exec format", "ermission denied", "is a directory"}))
        return invalid(what + "; check `entrypoint` and `command`");
    if (says_any(said, {"o command specified", "no command or entrypoint provided"}))
        return invalid(what + "; the image has no command of its own, give `command`");
    if (says_any(said, {"rgument list too long"})) return invalid(what + "; its environment is too large");
    return unavailable(what);
}

Error explain_end(const std::string& image, const ContainerEnd& end, const std::string& memory,
                  const std::string& output, bool own) {
    const bool was_killed = end.out_of_memory || end.exit_code == killed_exit_code;
    const std::string how = was_killed ? "killed, perhaps for want of memory; its limit is " + memory : exit_text(end);
    const std::string what = "the container of image " + image + " ended before the first step (" + how + ")" + output;
    return own ? invalid(what) : unavailable(what);
}

std::string primary_trouble(const ContainerEnd& end, const std::string& memory) {
    if (end.out_of_memory) return "out of memory: the limit of " + memory + " was reached";
    if (end.exit_code != killed_exit_code) return "the primary container ended with " + exit_text(end);
    return "the primary container was killed by signal 9: out of memory (the limit is " + memory + "), or from outside";
}

std::string service_trouble(const std::string& image, const ContainerEnd& end, const std::string& memory) {
    if (end.exit_code == 0) return {};
    const std::string what = "service container " + image + " ended with " + exit_text(end);
    if (end.out_of_memory) return what + ": it reached its memory limit of " + memory;
    if (end.exit_code != killed_exit_code) return what;
    return what + ": killed, perhaps for want of memory; its limit is " + memory;
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
