#include "adapters/local/process_launcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/log.h"

namespace gyre::adapters {
namespace {

bool is_over(const Fd& process) {
    pollfd end{process.get(), POLLIN, 0};
    return poll(&end, 1, 0) == 1;
}

void send_signal(const Fd& process, int signal) { syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0); }

}  // namespace

ProcessLauncher::ProcessLauncher(NurseryCommand command)
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

int ProcessLauncher::missing(int wanted) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return 0;
    most_waiting_ = std::max(most_waiting_, wanted);
    return wanted - count_waiting();
}

int ProcessLauncher::count_waiting() const {
    return static_cast<int>(
        std::count_if(agents_.begin(), agents_.end(), [](const auto& agent) { return agent.second->is_waiting(); }));
}

Result<void> ProcessLauncher::ensure_waiting(int wanted) {
    const std::lock_guard launching(launching_);
    for (int left = missing(wanted); left > 0; --left) GYRE_TRY(launch());
    return {};
}

Result<void> ProcessLauncher::keep_waiting(int wanted) {
    const auto ensured = ensure_waiting(wanted);
    {
        const std::lock_guard lock(mutex_);
        most_waiting_ = wanted;
    }
    let_go_of_surplus();
    return ensured;
}

void ProcessLauncher::dismiss(Agent& agent) {
    agent.dismissed = true;
    send_signal(agent.pidfd, SIGTERM);
}

// Only while nobody launches: an agent of ours that asked for work before we noted it looks like an earlier server's.
void ProcessLauncher::let_go_of_surplus() {
    const std::unique_lock launching(launching_, std::try_to_lock);
    if (!launching) return;
    const std::lock_guard lock(mutex_);
    int surplus = count_waiting() - most_waiting_;
    for (const auto& [pid, agent] : agents_) {
        if (surplus <= 0) return;
        if (agent->ours || !agent->is_waiting()) continue;
        log::info("launcher", "agent {} of an earlier server is let go: enough others wait", pid);
        dismiss(*agent);
        --surplus;
    }
}

// A nursery that was killed is replaced at once; one that fails is not asked again: its answer may still come.
Result<Nursery::Copy> ProcessLauncher::copy() {
    if (nursery_) {
        if (auto made = nursery_->copy()) return made;
        nursery_.reset();
    }
    GYRE_TRY_ASSIGN(auto started, Nursery::start(command_));
    nursery_.emplace(std::move(started));
    auto made = nursery_->copy();
    if (!made) nursery_.reset();
    return made;
}

Result<void> ProcessLauncher::launch() {
    auto made = copy();
    if (!made) return made.error().during("starting an agent");
    const std::lock_guard lock(mutex_);
    // It may have asked for work already, and been taken for an earlier server's; whoever had its number before it is
    // dead, and known to the watcher.
    auto& agent = agents_[made->process];
    if (!agent || is_over(agent->pidfd)) agent = std::make_shared<Agent>(Agent{.pidfd = std::move(made->pidfd)});
    agent->ours = true;
    if (stopping_ && agent->attempt.empty()) dismiss(*agent);
    wake_watcher();
    return {};
}

ProcessLauncher::AgentPtr ProcessLauncher::known(pid_t pid) {
    if (const auto found = agents_.find(pid); found != agents_.end()) return found->second;
    // Launched by an earlier server, or dead before its call was answered: then it may be unreaped still.
    Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd || is_over(pidfd)) return nullptr;
    auto agent = std::make_shared<Agent>(Agent{.pidfd = std::move(pidfd)});
    agents_.emplace(pid, agent);
    wake_watcher();
    return agent;
}

void ProcessLauncher::waits(std::int64_t process) {
    {
        const std::lock_guard lock(mutex_);
        if (!known(static_cast<pid_t>(process))) return;
    }
    let_go_of_surplus();
}

bool ProcessLauncher::took(std::int64_t process, const std::string& attempt_id) {
    const std::lock_guard lock(mutex_);
    const auto agent = known(static_cast<pid_t>(process));
    if (!agent) return false;
    const bool is_other = !agent->attempt.empty() && agent->attempt != attempt_id;
    if (!attempt_id.empty() && (agent->dismissed || is_other)) return false;
    agent->attempt = attempt_id;
    return true;
}

void ProcessLauncher::on_death(std::function<void(const std::string&)> call) {
    const std::lock_guard lock(mutex_);
    on_death_ = std::move(call);
}

void ProcessLauncher::kill(const std::string& attempt_id) {
    const std::lock_guard lock(mutex_);
    for (const auto& [pid, agent] : agents_) {
        if (agent->attempt != attempt_id) continue;
        log::info("launcher", "agent {} of attempt {} is killed", pid, attempt_id);
        send_signal(agent->pidfd, SIGKILL);
    }
}

void ProcessLauncher::dismiss_waiting() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [pid, agent] : agents_) {
        if (agent->attempt.empty()) dismiss(*agent);
    }
    wake_watcher();
}

void ProcessLauncher::await_ends(std::chrono::milliseconds longest) {
    std::vector<Fd> ends;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [pid, agent] : agents_) ends.emplace_back(::dup(agent->pidfd.get()));
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
        std::vector<std::pair<pid_t, AgentPtr>> watched(agents_.begin(), agents_.end());
        for (const auto& [pid, agent] : watched) fds.push_back({agent->pidfd.get(), POLLIN, 0});
        lock.unlock();
        poll(fds.data(), fds.size(), -1);
        std::uint64_t ignored = 0;
        [[maybe_unused]] const auto got = read(wake_.get(), &ignored, sizeof ignored);
        for (std::size_t i = 0; i < watched.size(); ++i) {
            if (fds[i + 1].revents != 0) bury(watched[i].first, watched[i].second);
        }
        lock.lock();
    }
}

void ProcessLauncher::bury(pid_t pid, const AgentPtr& agent) {
    std::string attempt;
    std::function<void(const std::string&)> call;
    {
        const std::lock_guard lock(mutex_);
        attempt = agent->attempt;
        const auto found = agents_.find(pid);
        if (found != agents_.end() && found->second == agent) agents_.erase(found);
        call = on_death_;
    }
    if (!attempt.empty() && call) call(attempt);
}

}  // namespace gyre::adapters
