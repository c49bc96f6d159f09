#pragma once

// For tests: runs bash scripts through a Supervisor and gives back what they printed; starts a supervisor outside of
// any box; waits for processes to go away.

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <variant>

#include "agent/supervisor.h"

namespace gyre::agent::testing {

inline std::chrono::steady_clock::time_point soon(int seconds = 30) {
    return std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
}

inline Fd memory_file() { return Fd(memfd_create("test-output", MFD_CLOEXEC)); }

inline std::string content(const Fd& file) {
    std::string text;
    std::array<char, 65536> bytes{};
    off_t at = 0;
    ssize_t got = 0;
    while ((got = pread(file.get(), bytes.data(), bytes.size(), at)) > 0) {
        text.append(bytes.data(), static_cast<std::size_t>(got));
        at += got;
    }
    return text;
}

struct Ran {
    std::optional<ProcessEnd> end;
    std::string output;  // both streams

    int code() const {
        const auto* exited = end ? std::get_if<ExitedWith>(&*end) : nullptr;
        return exited ? exited->code : -1;
    }
    std::string refusal() const {
        const auto* never = end ? std::get_if<NeverStarted>(&*end) : nullptr;
        return never ? never->reason : "";
    }
};

inline Ran run(Supervisor& supervisor, wire::SpawnRequest request) {
    const Fd out = memory_file();
    StandardFds fds{{}, Fd(dup(out.get())), Fd(dup(out.get()))};
    const auto id = supervisor.spawn(std::move(request), std::move(fds));
    if (!id) return {NeverStarted{id.error().message}, ""};
    auto end = supervisor.wait(*id, soon());
    return {std::move(end), content(out)};
}

inline wire::SpawnRequest bash(const std::string& script) {
    wire::SpawnRequest request;
    request.argv = {"bash", "-eo", "pipefail"};
    request.script = script;
    return request;
}

inline Ran run(Supervisor& supervisor, const std::string& script) { return run(supervisor, bash(script)); }

// A supervisor that is an ordinary child of the test.
class LocalSupervisor {
public:
    LocalSupervisor() {
        std::array<int, 2> ends{};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
        Fd ours(ends[0]);
        const Fd theirs(ends[1]);
        raw_ = Fd(dup(ours.get()));
        pid_ = fork();
        if (pid_ == 0) {
            dup2(theirs.get(), 3);
            close_range(4, ~0U, 0);
            execl(GYRE_INJOB, "gyre-injob", "supervise", "--fd", "3", static_cast<char*>(nullptr));
            _exit(127);
        }
        auto connected = Supervisor::connect(std::move(ours), std::chrono::seconds(20));
        if (connected) supervisor_ = std::move(*connected);
    }
    ~LocalSupervisor() { stop(); }
    LocalSupervisor(const LocalSupervisor&) = delete;
    LocalSupervisor& operator=(const LocalSupervisor&) = delete;

    Supervisor& operator*() { return *supervisor_; }
    Supervisor* operator->() { return supervisor_.get(); }
    pid_t pid() const { return pid_; }
    int raw() const { return raw_.get(); }  // a second handle on the connection
    // Closes the connection; the exit status of the supervisor.
    int stop() {
        supervisor_.reset();
        raw_.reset();
        int status = 0;
        if (pid_ > 0) waitpid(pid_, &status, 0);
        pid_ = 0;
        return status;
    }

private:
    std::unique_ptr<Supervisor> supervisor_;
    Fd raw_;
    pid_t pid_ = 0;
};

// Waits for the end of a process that is nobody's child here.
inline bool is_gone(pid_t pid, int seconds = 20) {
    const Fd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!process) return true;
    pollfd wait{process.get(), POLLIN, 0};
    return poll(&wait, 1, seconds * 1000) == 1;
}

}  // namespace gyre::agent::testing
