#include "agent/heartbeat.h"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <algorithm>

#include "base/log.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds shortest_patience = 100ms;
constexpr std::chrono::milliseconds time_to_kill = 1s;

}  // namespace

std::chrono::milliseconds time_without_renewal(std::chrono::milliseconds lease) {
    return lease - std::min(time_to_kill, lease / 4);
}

HeartbeatThread::HeartbeatThread(GatewayClient gateway, HeartbeatTimes times, bool only_server, HearSsh hear_ssh)
    : gateway_(std::move(gateway)),
      times_(times),
      only_server_(only_server),
      hear_ssh_(std::move(hear_ssh)),
      renewed_at_(std::chrono::steady_clock::now()),
      end_event_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this] { run(); }) {}

HeartbeatThread::~HeartbeatThread() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(end_event_.get(), &one, sizeof one);
    thread_.join();
}

void HeartbeatThread::run() {
    while (sleep_unless(end_event_.get(), pause())) {
        beat();
        if (gateway_.control().is_fenced()) return;
    }
}

std::chrono::milliseconds HeartbeatThread::time_left() const {
    const auto silent = std::chrono::steady_clock::now() - renewed_at_;
    return std::chrono::ceil<std::chrono::milliseconds>(time_without_renewal(times_.lease) - silent);
}

// After a failure we ask sooner, and not later than the job would have to stop: the lease is running out.
std::chrono::milliseconds HeartbeatThread::pause() const {
    if (!last_failed_) return times_.every;
    return std::min({times_.every, times_.every / 4 + 50ms, std::max(time_left(), shortest_patience)});
}

void HeartbeatThread::beat() {
    const auto asked_at = std::chrono::steady_clock::now();
    // A slow network is no dead one: a third of the lease is waited for an answer, so that three are asked for in time.
    const auto patience = std::min(time_left(), std::max(times_.every, times_.lease / 3));
    const auto answer = gateway_.heartbeat({.stopping = stopping_}, std::max(patience, shortest_patience));
    last_failed_ = !answer;
    auto& control = gateway_.control();
    if (answer) {
        if (hear_ssh_) hear_ssh_(answer->ssh);
        renewed_at_ = asked_at;  // the server counts from its answer, which is later
        if (answer->stop) control.stop(StopReason::canceled, answer->reason);
        return;
    }
    if (only_server_ && gateway_.was_refused()) renewed_at_ = asked_at;
    if (time_left() > 0ms || control.is_stopping()) return;
    const std::string why =
        fmt::format("the server was out of reach for {} s, and may have given the task to another attempt ({})",
                    time_without_renewal(times_.lease).count() / 1000, answer.error().message);
    log::warn("heartbeat", "{}", why);
    control.stop(StopReason::lease_lost, why);
}

}  // namespace gyre::agent
