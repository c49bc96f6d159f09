#include "intake/poller.h"

#include <algorithm>

#include "base/log.h"

namespace gyre::intake {
namespace {

constexpr int most_rounds_left_out = 15;

}  // namespace

Poller::Poller(PushPorts ports, std::chrono::milliseconds interval) : ports_(ports), interval_(interval) {}

Poller::~Poller() { stop(); }

void Poller::start() {
    if (interval_.count() > 0) thread_ = std::thread([this] { run(); });
}

void Poller::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void Poller::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        round();
        lock.lock();
        changed_.wait_for(lock, interval_, [this] { return stopping_; });
    }
}

void Poller::round() {
    const auto projects = ports_.projects.all();
    if (!projects) return log::warn("intake", "polling: {}", projects.error().message);
    for (const auto& project : *projects) {
        if (!project.poll) continue;
        int& skip = skip_[project.id];
        if (skip > 0) {
            --skip;
            continue;
        }
        const auto looked = look_at(project);
        int& failures = failures_[project.id];
        failures = looked ? 0 : failures + 1;
        if (looked) continue;
        skip = std::min(most_rounds_left_out, (1 << std::min(failures, 4)) - 1);
        log::warn("intake", "polling {}: {}; asking again after {} rounds", project.slug, looked.error().message,
                  skip + 1);
    }
}

Result<void> Poller::look_at(const Project& project) {
    GYRE_TRY_ASSIGN(const auto refs, ports_.git.list_refs(project.remote));
    GYRE_TRY_ASSIGN(const bool known, knows_refs(ports_, project));
    if (!known) return remember_refs(ports_, project, refs);
    for (const auto& [ref, revision] : refs) {
        if (ref == "HEAD") continue;
        GYRE_TRY_ASSIGN(const std::string seen, ports_.projects.seen_revision(project.id, ref));
        if (seen == revision) continue;
        const auto received =
            receive_push(ports_, project, {.ref = ref, .before = seen, .after = revision, .actor = "poll"});
        if (!received) return received.error();
    }
    return {};
}

}  // namespace gyre::intake
