#include "adapters/local/process_launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/argv.h"
#include "base/log.h"

extern char** environ;

namespace gyre::adapters {
namespace {

constexpr int key_fd = 3;

Result<Fd> pipe_holding(const std::string& text) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno_error("making a pipe");
    Fd read_end(ends[0]);
    const Fd write_end(ends[1]);
    if (write(write_end.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return errno_error("writing to a pipe");
    return read_end;
}

// Signals as a fresh program expects them, whatever this process ignores or blocks.
void default_signals(posix_spawnattr_t& attributes) {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

ProcessLauncher::ProcessLauncher(AgentCommand command)
    : command_(std::move(command)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), watcher_([this] { watch(); }) {}

ProcessLauncher::~ProcessLauncher() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_watcher();
    watcher_.join();
}

void ProcessLauncher::wake_watcher() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof one);
}

Result<void> ProcessLauncher::ensure_waiting(int wanted) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return {};
    auto waiting =
        std::count_if(agents_.begin(), agents_.end(), [](const auto& agent) { return agent.second.attempt.empty(); });
    for (; waiting < wanted; ++waiting) GYRE_TRY(launch());
    return {};
}

Result<void> ProcessLauncher::launch() {
    GYRE_TRY_ASSIGN(const Fd key, pipe_holding(command_.launch_key));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, command_.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_adddup2(&actions, key.get(), key_fd);
    // An agent outlives us: a listening socket in its hands would keep the next server from its address.
    posix_spawn_file_actions_addclosefrom_np(&actions, key_fd + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    default_signals(attributes);
    std::vector<std::string> argv = command_.argv;
    argv.insert(argv.end(), {"--key-fd", std::to_string(key_fd)});
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, argv[0].c_str(), &actions, &attributes, argv_of(argv).data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return unavailable("starting an agent (" + argv[0] + "): " + std::strerror(failed));
    agents_[pid].pidfd = Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    wake_watcher();
    return {};
}

bool ProcessLauncher::took(std::int64_t process, const std::string& attempt_id) {
    const std::lock_guard lock(mutex_);
    const auto pid = static_cast<pid_t>(process);
    auto found = agents_.find(pid);
    if (found == agents_.end()) {
        // Launched by an earlier server, or dead before its claim was answered.
        Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
        if (!pidfd) return false;
        found = agents_.try_emplace(pid, Agent{std::move(pidfd), {}}).first;
        wake_watcher();
    }
    auto& attempt = found->second.attempt;
    if (!attempt_id.empty() && !attempt.empty() && attempt != attempt_id) return false;
    attempt = attempt_id;
    return true;
}

void ProcessLauncher::on_death(std::function<void(const std::string&)> call) {
    const std::lock_guard lock(mutex_);
    on_death_ = std::move(call);
}

void ProcessLauncher::kill(const std::string& attempt_id) {
    const std::lock_guard lock(mutex_);
    for (const auto& [pid, agent] : agents_) {
        if (agent.attempt == attempt_id) ::kill(pid, SIGKILL);
    }
}

void ProcessLauncher::dismiss_waiting() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [pid, agent] : agents_) {
        if (agent.attempt.empty()) ::kill(pid, SIGTERM);
    }
    wake_watcher();
}

void ProcessLauncher::await_ends(std::chrono::milliseconds longest) {
    std::vector<Fd> ends;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [pid, agent] : agents_) ends.emplace_back(::dup(agent.pidfd.get()));
    }
    const auto until = std::chrono::steady_clock::now() + longest;
    for (const Fd& end : ends) {
        pollfd one{end.get(), POLLIN, 0};
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    }
}

void ProcessLauncher::watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        std::vector<pollfd> fds{{wake_.get(), POLLIN, 0}};
        std::vector<pid_t> pids{0};
        for (const auto& [pid, agent] : agents_) {
            fds.push_back({agent.pidfd.get(), POLLIN, 0});
            pids.push_back(pid);
        }
        lock.unlock();
        poll(fds.data(), fds.size(), -1);
        std::uint64_t ignored = 0;
        [[maybe_unused]] const auto got = read(wake_.get(), &ignored, sizeof ignored);
        for (std::size_t i = 1; i < fds.size(); ++i) {
            if (fds[i].revents != 0) bury(pids[i]);
        }
        lock.lock();
    }
}

void ProcessLauncher::bury(pid_t pid) {
    int status = 0;
    const pid_t waited = waitpid(pid, &status, WNOHANG);
    if (waited != pid && !(waited < 0 && errno == ECHILD)) return;  // ECHILD: an earlier server's
    std::string attempt;
    std::function<void(const std::string&)> call;
    {
        const std::lock_guard lock(mutex_);
        attempt = agents_[pid].attempt;
        agents_.erase(pid);
        call = on_death_;
    }
    if (WIFSIGNALED(status)) log::warn("launcher", "agent {} was killed by signal {}", pid, WTERMSIG(status));
    if (!attempt.empty() && call) call(attempt);
}

}  // namespace gyre::adapters
