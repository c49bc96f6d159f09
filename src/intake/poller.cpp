#include "intake/poller.h"

#include <algorithm>
#include <atomic>

#include "base/log.h"

namespace gyre::intake {
namespace {

constexpr int most_rounds_left_out = 15;
constexpr std::size_t looks_at_a_time = 4;
constexpr std::chrono::milliseconds without_polling = std::chrono::seconds{30};  // until a failed look is tried again

}  // namespace

Poller::Poller(PushPorts ports, std::chrono::milliseconds interval) : ports_(ports), interval_(interval) {}

Poller::~Poller() { stop(); }

void Poller::start() {
    const std::lock_guard lock(mutex_);
    all_wanted_ = true;
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
    if (all_wanted_) return std::min(interval_.count() > 0 ? interval_ : without_polling, without_polling);
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

// Those that failed at their last look come last, and only a few of them: what is left out stays due.
std::vector<Poller::Due> Poller::due(const std::vector<Project>& projects, Cause cause) {
    std::vector<Due> due;
    const std::lock_guard lock(mutex_);
    for (const auto& project : projects) {
        if (all_wanted_) wanted_.insert(project.id);
        const bool polled = cause == Cause::time && interval_.count() > 0 && project.poll;
        if (!polled && !wanted_.contains(project.id)) continue;
        int& skip = skip_[project.id];
        if (skip == 0) {
            due.push_back({project, failures_[project.id]});
        } else if (cause == Cause::time) {
            --skip;
        }
    }
    all_wanted_ = false;
    const auto fine = [](const Due& one) { return one.failures == 0; };
    const auto failed = std::stable_partition(due.begin(), due.end(), fine);
    // The one that failed least often first, so that each has its turn.
    std::stable_sort(failed, due.end(), [](const Due& a, const Due& b) { return a.failures < b.failures; });
    const auto kept = static_cast<std::size_t>(failed - due.begin()) + looks_at_a_time;
    if (due.size() > kept) due.resize(kept);
    return due;
}

void Poller::round(Cause cause) {
    const auto projects = ports_.projects.all();
    if (!projects) return log::warn("intake", "polling: {}", projects.error().message);
    const std::vector<Due> all = due(*projects, cause);
    std::atomic<std::size_t> next = 0;
    const auto look_at_next = [&] {
        for (std::size_t at = next++; at < all.size(); at = next++) look(all[at].project);
    };
    std::vector<std::thread> beside;
    for (std::size_t i = 1; i < std::min(looks_at_a_time, all.size()); ++i) beside.emplace_back(look_at_next);
    look_at_next();
    for (auto& thread : beside) thread.join();
}

void Poller::look(const Project& project) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        wanted_.erase(project.id);
    }
    const auto looked = look_at(ports_, project);
    const std::lock_guard lock(mutex_);
    int& failures = failures_[project.id];
    failures = looked ? 0 : failures + 1;
    if (looked) return;
    wanted_.insert(project.id);
    int& skip = skip_[project.id];
    skip = std::min(most_rounds_left_out, (1 << std::min(failures, 4)) - 1);
    log::warn("intake", "looking at the remote of {}: {}; again after {} rounds", project.slug, looked.error().message,
              skip + 1);
}

}  // namespace gyre::intake
