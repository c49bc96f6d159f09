#include "agent/usage_watch.h"

#include <utility>

namespace gyre::agent {

UsageWatch::UsageWatch(UsageMeter meter, Resources limits, std::chrono::milliseconds every)
    : meter_(std::move(meter)), series_(limits, every.count()) {
    thread_.start(std::chrono::duration_cast<Duration>(every), [this] { look(); });
}

ResourceUsage UsageWatch::end() {
    thread_.stop();
    return series_.end(now_ms(), meter_.read_last());
}

void UsageWatch::look() {
    if (now_ms() >= series_.due_ms()) series_.sample(now_ms(), meter_.read());
}

std::int64_t UsageWatch::now_ms() const {
    const auto since = std::chrono::steady_clock::now() - began_;
    return std::chrono::floor<std::chrono::milliseconds>(since).count();
}

}  // namespace gyre::agent
