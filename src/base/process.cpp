#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/argv.h"
#include "base/fd.h"

extern char** environ;

namespace gyre {
namespace {

using Deadline = std::chrono::steady_clock::time_point;
constexpr std::size_t error_limit = 64 << 10;

struct Pipe {
    Fd read_end;
    Fd write_end;
};

Result<Pipe> make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno_error("making a pipe");
    return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::vector<std::string> merged_environment(const std::vector<std::string>& extra) {
    std::vector<std::string> result = extra;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const char* equals = std::strchr(*entry, '=');
        const std::string name(*entry, equals ? static_cast<std::size_t>(equals - *entry) + 1 : std::strlen(*entry));
        const bool replaced =
            std::any_of(extra.begin(), extra.end(), [&](const auto& e) { return e.starts_with(name); });
        if (!replaced) result.emplace_back(*entry);
    }
    return result;
}

Result<pid_t> start(const Command& command, const Pipe& in, const Pipe& out, const Pipe& err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read_end.get(), 0);
    posix_spawn_file_actions_adddup2(&actions, out.write_end.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, err.write_end.get(), 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!command.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
    const auto environment = merged_environment(command.environment);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);  // a group of its own, to end what it starts together with it
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, command.argv[0].c_str(), &actions, &attributes, argv_of(command.argv).data(),
                                    argv_of(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return unavailable("starting " + command.argv[0] + ": " + std::strerror(failed));
    return pid;
}

// Moves bytes between us and the process until it closed both outputs.
class Conversation {
public:
    Conversation(const Command& command, Pipe& in, Pipe& out, Pipe& err)
        : command_(command), in_(in), out_(out), err_(err) {
        fcntl(in_.write_end.get(), F_SETFL, O_NONBLOCK);
        if (command.input.empty()) in_.write_end.reset();
    }

    Result<void> hold(Deadline deadline, Finished& finished) {
        while (out_.read_end || err_.read_end) {
            pollfd fds[3] = {
                {out_.read_end.get(), POLLIN, 0}, {err_.read_end.get(), POLLIN, 0}, {in_.write_end.get(), POLLOUT, 0}};
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            if (left.count() <= 0)
                return unavailable(command_.argv[0] + " did not end within " +
                                   std::to_string(command_.timeout.count()) + " ms");
            poll(fds, 3, static_cast<int>(left.count()));
            if (fds[0].revents != 0) take(out_.read_end, finished.out, command_.output_limit + 1);
            if (fds[1].revents != 0) take(err_.read_end, finished.err, error_limit);
            if (fds[2].revents != 0) give();
            if (finished.out.size() > command_.output_limit) {
                return too_large(command_.argv[0] + " printed more than " + std::to_string(command_.output_limit) +
                                 " bytes");
            }
        }
        return {};
    }

private:
    static void take(Fd& from, std::string& to, std::size_t limit) {
        char buffer[65536];
        const auto got = read(from.get(), buffer, sizeof buffer);
        if (got <= 0) {
            from.reset();
            return;
        }
        to.append(buffer, std::min(static_cast<std::size_t>(got), limit - std::min(limit, to.size())));
    }

    void give() {
        const auto written = write(in_.write_end.get(), command_.input.data() + given_, command_.input.size() - given_);
        if (written > 0) given_ += static_cast<std::size_t>(written);
        if (written < 0 || given_ == command_.input.size()) in_.write_end.reset();
    }

    const Command& command_;
    Pipe& in_;
    Pipe& out_;
    Pipe& err_;
    std::size_t given_ = 0;
};

}  // namespace

Result<Finished> run(const Command& command) {
    GYRE_TRY_ASSIGN(Pipe in, make_pipe());
    GYRE_TRY_ASSIGN(Pipe out, make_pipe());
    GYRE_TRY_ASSIGN(Pipe err, make_pipe());
    GYRE_TRY_ASSIGN(const pid_t pid, start(command, in, out, err));
    in.read_end.reset();
    out.write_end.reset();
    err.write_end.reset();
    Finished finished;
    const auto held =
        Conversation(command, in, out, err).hold(std::chrono::steady_clock::now() + command.timeout, finished);
    if (!held) ::kill(-pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!held) return held.error();
    finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return finished;
}

}  // namespace gyre
