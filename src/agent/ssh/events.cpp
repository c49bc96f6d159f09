#include "agent/ssh/events.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace gyre::agent {
namespace {

constexpr std::size_t most_at_once = 100;
constexpr std::size_t most_waiting = 10'000;  // while the server is away; then newer ones are dropped, and it is logged

}  // namespace

SshEventLog::SshEventLog(GatewayClient gateway) : gateway_(std::move(gateway)), thread_([this] { run(); }) {}

SshEventLog::~SshEventLog() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void SshEventLog::add(wire::SshEvent event) {
    {
        const std::lock_guard lock(mutex_);
        event.sequence = ++last_sequence_;
        if (waiting_.size() >= most_waiting) {
            log::error("ssh", "the server has been away too long: a {} of '{}' is not recorded", name_of(event.kind),
                       event.login);
            return;
        }
        waiting_.push_back({std::move(event), std::chrono::steady_clock::now()});
    }
    changed_.notify_all();
}

void SshEventLog::drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return (waiting_.empty() && !telling_) || gateway_.control().is_fenced(); });
}

void SshEventLog::run() {
    std::unique_lock lock(mutex_);
    while (!closing_ && !gateway_.control().is_fenced()) {
        const auto happened = next(lock);
        if (happened.empty()) continue;
        telling_ = true;
        lock.unlock();
        tell(happened);
        lock.lock();
        telling_ = false;
        changed_.notify_all();
    }
    changed_.notify_all();
}

std::vector<SshEventLog::Happened> SshEventLog::next(std::unique_lock<std::mutex>& lock) {
    changed_.wait(lock, [&] { return closing_ || !waiting_.empty(); });
    if (closing_) return {};
    std::vector<Happened> happened;
    while (!waiting_.empty() && happened.size() < most_at_once) {
        happened.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return happened;
}

void SshEventLog::tell(const std::vector<Happened>& happened) {
    const auto told = keep_trying(gateway_, TryUntil::fenced, [&] {
        wire::SshEvents events;
        for (const auto& one : happened) {
            events.events.push_back(one.event);
            const auto age = std::chrono::steady_clock::now() - one.at;
            events.events.back().age_ms = std::chrono::duration_cast<std::chrono::milliseconds>(age).count();
        }
        return gateway_.tell_ssh(events);
    });
    if (!told && told.error().fault != Fault::conflict) log::error("ssh", "{}", told.error().message);
}

}  // namespace gyre::agent
