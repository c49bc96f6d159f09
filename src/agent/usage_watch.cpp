#include "agent/usage_watch.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace gyre::agent {
namespace {

constexpr std::chrono::milliseconds patience{2'000};  // the next look waits meanwhile

}  // namespace

UsageWatch::UsageWatch(UsageMeter meter, Resources limits, UsageTimes times, const GatewayClient& gateway)
    : meter_(std::move(meter)),
      times_(times),
      series_(limits, times.every.count()),
      end_event_(::eventfd(0, EFD_CLOEXEC)),
      gateway_(gateway.another(end_event_.get())) {
    thread_.start(std::chrono::duration_cast<Duration>(times.every), [this] { look(); });
}

ResourceUsage UsageWatch::end() {
    const std::uint64_t one = 1;  // a call on its way ends: the end of the attempt tells more
    [[maybe_unused]] const auto written = ::write(end_event_.get(), &one, sizeof one);
    thread_.stop();
    return series_.end(now_ms(), meter_.read_last());
}

void UsageWatch::look() {
    if (now_ms() < series_.due_ms()) return;
    series_.sample(now_ms(), meter_.read());
    if (is_heard_ && now_ms() >= tell_at_) tell();
}

void UsageWatch::tell() {
    const auto told = gateway_.tell_usage(series_.so_far(), patience);
    is_heard_ = told || told.error().fault == Fault::unavailable;
    tell_at_ = now_ms() + times_.told_every.count();
}

std::int64_t UsageWatch::now_ms() const {
    const auto since = std::chrono::steady_clock::now() - began_;
    return std::chrono::floor<std::chrono::milliseconds>(since).count();
}

}  // namespace gyre::agent
