#include "intake/poller.h"

#include <algorithm>

#include "base/log.h"

namespace gyre::intake {
namespace {

constexpr int most_rounds_left_out = 15;
constexpr std::chrono::milliseconds without_polling = std::chrono::seconds{30};  // until a failed look is tried again

}  // namespace

Poller::Poller(PushPorts ports, std::chrono::milliseconds interval) : ports_(ports), interval_(interval) {}

Poller::~Poller() { stop(); }

void Poller::start() {
    const auto projects = ports_.projects.all();
    if (!projects) log::warn("intake", "looking for what was missed: {}", projects.error().message);
    const std::lock_guard lock(mutex_);
    for (const auto& project : projects ? *projects : std::vector<Project>()) wanted_.insert(project.id);
    thread_ = std::thread([this] { run(); });
}

void Poller::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void Poller::look_soon(const ProjectId& project) {
    const std::lock_guard lock(mutex_);
    wanted_.insert(project);
    asked_ = true;
    changed_.notify_one();
}

// Between two rounds; longer than anybody waits when there is nothing to look at.
std::chrono::milliseconds Poller::pause() {
    if (interval_.count() > 0) return interval_;
    return wanted_.empty() ? std::chrono::hours{24 * 365} : without_polling;
}

void Poller::run() {
    using Instant = std::chrono::steady_clock::time_point;
    std::unique_lock lock(mutex_);
    auto cause = Cause::asked;  // every project is wanted at the start
    auto next_round = Instant::max();
    while (!stopping_) {
        asked_ = false;
        lock.unlock();
        round(cause);
        lock.lock();
        // Whoever asks for looks all the time does not keep the others from their turn.
        const Instant later = std::chrono::steady_clock::now() + pause();
        next_round = cause == Cause::time ? later : std::min(next_round, later);
        changed_.wait_until(lock, next_round, [this] { return stopping_ || asked_; });
        cause = std::chrono::steady_clock::now() < next_round ? Cause::asked : Cause::time;
    }
}

bool Poller::is_wanted(const ProjectId& project) {
    const std::lock_guard lock(mutex_);
    return wanted_.contains(project);
}

void Poller::round(Cause cause) {
    const auto projects = ports_.projects.all();
    if (!projects) return log::warn("intake", "polling: {}", projects.error().message);
    for (const auto& project : *projects) {
        const bool polled = cause == Cause::time && interval_.count() > 0 && project.poll;
        if (!polled && !is_wanted(project.id)) continue;
        int& skip = skip_[project.id];
        if (skip == 0) {
            look(project);
        } else if (cause == Cause::time) {
            --skip;
        }
    }
}

void Poller::look(const Project& project) {
    {
        const std::lock_guard lock(mutex_);
        wanted_.erase(project.id);
    }
    const auto looked = look_at(ports_, project);
    int& failures = failures_[project.id];
    failures = looked ? 0 : failures + 1;
    if (looked) return;
    {
        const std::lock_guard lock(mutex_);
        wanted_.insert(project.id);
    }
    int& skip = skip_[project.id];
    skip = std::min(most_rounds_left_out, (1 << std::min(failures, 4)) - 1);
    log::warn("intake", "looking at the remote of {}: {}; again after {} rounds", project.slug, looked.error().message,
              skip + 1);
}

}  // namespace gyre::intake
