#include "agent/job_control.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace gyre::agent {
namespace {

Fd make_event() {
    Fd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event) std::abort();  // no descriptors left at the very start
    return event;
}

void raise(const Fd& event) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
}

}  // namespace

JobControl::JobControl()
    : stopped_(make_event()),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      stop_event_(::epoll_create1(EPOLL_CLOEXEC)),
      fence_event_(make_event()) {
    for (const int source : {stopped_.get(), timer_.get()}) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        if (::epoll_ctl(stop_event_.get(), EPOLL_CTL_ADD, source, &wanted) != 0) std::abort();
    }
}

void JobControl::stop(StopReason reason, std::string why) {
    const std::lock_guard lock(mutex_);
    if (reason_ == StopReason::none || (reason == StopReason::fenced && reason_ != StopReason::fenced)) {
        reason_ = reason;
        why_ = std::move(why);
    }
    raise(stopped_);
    if (reason == StopReason::fenced) raise(fence_event_);
}

void JobControl::set_time_limit(std::chrono::milliseconds limit) {
    const std::lock_guard lock(mutex_);
    deadline_ = started_ + limit;
    itimerspec when{};
    const auto left =
        std::max<std::chrono::nanoseconds>(deadline_ - std::chrono::steady_clock::now(), std::chrono::nanoseconds(1));
    when.it_value.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
    when.it_value.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
    ::timerfd_settime(timer_.get(), 0, &when, nullptr);
}

std::chrono::milliseconds JobControl::time_left() const {
    const std::lock_guard lock(mutex_);
    if (deadline_ == Instant::max()) return std::chrono::milliseconds::max();
    return std::chrono::floor<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
}

StopReason JobControl::reason() const {
    const std::lock_guard lock(mutex_);
    if (reason_ == StopReason::none && std::chrono::steady_clock::now() >= deadline_) return StopReason::time_is_up;
    return reason_;
}

std::string JobControl::why() const {
    const std::lock_guard lock(mutex_);
    if (reason_ == StopReason::none && deadline_ != Instant::max()) {
        const auto limit = std::chrono::duration_cast<std::chrono::seconds>(deadline_ - started_);
        return fmt::format("the job ran longer than its limit of {} s", limit.count());
    }
    return why_;
}

bool sleep_unless(int event, std::chrono::milliseconds span) {
    const auto until = std::chrono::steady_clock::now() + span;
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd waiting{event, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready > 0) return false;
        if (ready == 0 || errno != EINTR) return true;
    }
}

}  // namespace gyre::agent
