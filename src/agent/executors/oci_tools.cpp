#include "agent/executors/oci_tools.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "base/argv.h"
#include "base/fd.h"

extern char** environ;

namespace gyre::agent {
namespace {

constexpr std::size_t error_limit = 64 << 10;
constexpr std::size_t longest_words = 2'000;

std::string find_program(const std::string& path, const char* name) {
    std::istringstream folders(path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string candidate = folder + "/" + name;
        if (folder.starts_with('/') && access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

struct Pipe {
    Fd read_end;
    Fd write_end;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("making a pipe");
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

Result<pid_t> start(const ToolCall& call, const Pipe& out, const Pipe& err) {
    std::vector<std::string> argv{"setpriv", "--pdeathsig", "KILL", "--"};
    argv.insert(argv.end(), call.argv.begin(), call.argv.end());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, err.write_end.get(), 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!call.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, call.directory.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, argv_of(argv).data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return unavailable("starting " + call.argv[0] + ": " + std::strerror(failed));
    return pid;
}

void take(Fd& from, std::string& to, std::size_t limit) {
    std::array<char, 65536> buffer{};
    const auto got = read(from.get(), buffer.data(), buffer.size());
    if (got <= 0) return from.reset();
    to.append(buffer.data(), std::min(static_cast<std::size_t>(got), limit - std::min(limit, to.size())));
}

Result<void> listen_to(const ToolCall& call, Pipe& out, Pipe& err, Finished& finished) {
    const auto deadline = std::chrono::steady_clock::now() + call.timeout;
    while (out.read_end || err.read_end) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0) return unavailable(call.argv[0] + " did not end in time");
        std::array<pollfd, 3> waiting{
            {{out.read_end.get(), POLLIN, 0}, {err.read_end.get(), POLLIN, 0}, {call.cancel, POLLIN, 0}}};
        poll(waiting.data(), waiting.size(), static_cast<int>(left));
        if (waiting[2].revents != 0) return unavailable("stopped while the job's place was made");
        if (waiting[0].revents != 0) take(out.read_end, finished.out, call.output_limit + 1);
        if (waiting[1].revents != 0) take(err.read_end, finished.err, error_limit);
        if (finished.out.size() > call.output_limit) return too_large(call.argv[0] + " printed too much");
    }
    return {};
}

}  // namespace

Result<OciTools> find_oci_tools() {
    const char* path = std::getenv("PATH");
    return find_oci_tools(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/bin:/sbin:/bin", geteuid() == 0);
}

Result<OciTools> find_oci_tools(const std::string& path, bool as_root) {
    OciTools tools;
    tools.skopeo = find_program(path, "skopeo");
    tools.umoci = find_program(path, "umoci");
    for (const char* name : {"crun", "runc"}) {
        if (auto found = find_program(path, name); !found.empty()) tools.runtimes.push_back(std::move(found));
    }
    tools.slirp4netns = find_program(path, "slirp4netns");
    std::string missing;
    if (tools.skopeo.empty()) missing += " skopeo";
    if (tools.umoci.empty()) missing += " umoci";
    if (tools.runtimes.empty()) missing += " crun";
    if (!missing.empty())
        return unavailable("to run images without a container engine, install what is missing (apt-get install" +
                           missing + ")");
    if (!as_root) return unavailable("images run without a container engine where Gyre is started as root only");
    return tools;
}

Result<Finished> run_tool(const ToolCall& call) {
    GYRE_TRY_ASSIGN(Pipe out, make_pipe());
    GYRE_TRY_ASSIGN(Pipe err, make_pipe());
    GYRE_TRY_ASSIGN(const pid_t pid, start(call, out, err));
    out.write_end.reset();
    err.write_end.reset();
    Finished finished;
    const auto heard = listen_to(call, out, err, finished);
    if (!heard) kill(-pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!heard) return heard.error();
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}

std::string said_by_tool(const std::string& err) {
    constexpr std::string_view before = "level=fatal msg=\"";
    constexpr std::string_view cross = "⨯ ";  // umoci, after a line for each thing that it begins
    const auto at = err.rfind(before);
    std::string words;
    if (at == std::string::npos) {
        const auto crossed = err.find(cross);
        words = err.substr(crossed == std::string::npos ? 0 : crossed + cross.size(), longest_words);
    } else {
        for (std::size_t i = at + before.size(); i < err.size() && err[i] != '"'; ++i) {
            if (err[i] == '\\' && i + 1 < err.size()) ++i;
            words.push_back(err[i]);
        }
        words.resize(std::min(words.size(), longest_words));
    }
    while (words.ends_with('\n')) words.pop_back();
    return words;
}

}  // namespace gyre::agent
