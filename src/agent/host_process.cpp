#include "agent/host_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/argv.h"

namespace gyre::agent {
namespace {

constexpr std::size_t out_limit = 1 << 20;
constexpr std::size_t err_limit = 16 << 10;

// A git hook that starts us sets these; they would send our git to the wrong repository.
constexpr std::array<std::string_view, 9> left_out{"GIT_DIR=",
                                                   "GIT_WORK_TREE=",
                                                   "GIT_INDEX_FILE=",
                                                   "GIT_OBJECT_DIRECTORY=",
                                                   "GIT_ALTERNATE_OBJECT_DIRECTORIES=",
                                                   "GIT_QUARANTINE_PATH=",
                                                   "GIT_COMMON_DIR=",
                                                   "GIT_NAMESPACE=",
                                                   "GIT_PREFIX="};

std::vector<std::string> environment_of(const HostCommand& command) {
    std::vector<std::string> all = command.environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto begins = [&](std::string_view other) {
            return text.substr(0, text.find('=') + 1) == other.substr(0, other.find('=') + 1);
        };
        const bool replaced = std::any_of(command.environment.begin(), command.environment.end(), begins);
        if (!replaced && std::none_of(left_out.begin(), left_out.end(), begins)) all.emplace_back(text);
    }
    return all;
}

Result<pid_t> start(const HostCommand& command, int out, int err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    if (!command.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);  // the agent ignores it, which children would inherit
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    auto argv = command.argv;
    auto environment = environment_of(command);
    pid_t pid = -1;
    const int failed =
        ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, argv_of(argv).data(), argv_of(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed == ENOENT) return unavailable("this machine has no " + command.argv[0] + ": install it");
    if (failed != 0) return unavailable("starting " + command.argv[0] + ": " + std::strerror(failed));
    return pid;
}

// Waits for its end. An error when the job must stop before, or when this machine cannot wait for it.
Result<void> wait_for(pid_t pid, const JobControl& control) {
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process) return errno_error("waiting for a program of this machine");
    std::array<pollfd, 2> waiting{{{process.get(), POLLIN, 0}, {control.stop_event(), POLLIN, 0}}};
    while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
    }
    if (waiting[0].revents == 0) return unavailable("the job is stopping: " + control.why());
    return {};
}

std::string text_in(const Fd& file, std::size_t limit) {
    std::string text(limit, '\0');
    const auto got = ::pread(file.get(), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace

Result<HostEnd> run_on_host(const HostCommand& command, JobControl& control, Fd out) {
    const bool collect = !out;
    if (collect) out = Fd(::memfd_create("out", MFD_CLOEXEC));
    const Fd err(::memfd_create("err", MFD_CLOEXEC));
    if (!out || !err) return errno_error("making room for the output of " + command.argv[0]);
    GYRE_TRY_ASSIGN(const pid_t pid, start(command, out.get(), err.get()));
    if (!collect) out.reset();  // whoever reads it must see its end
    const auto ended = wait_for(pid, control);
    ::kill(-pid, SIGKILL);  // also helpers that outlived it
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended) return ended.error();
    HostEnd end;
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (collect) end.out = text_in(out, out_limit);
    end.err = text_in(err, err_limit);
    while (end.err.ends_with('\n')) end.err.pop_back();
    return end;
}

}  // namespace gyre::agent
