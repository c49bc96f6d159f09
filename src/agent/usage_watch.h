#pragma once

// Counts what an attempt uses while it runs, on a thread of its own that looks from time to time. A job that is over
// before the first look costs no reading but the last.

#include <chrono>

#include "agent/executors/usage_meter.h"
#include "agent/usage_series.h"
#include "base/paced_thread.h"

namespace gyre::agent {

class UsageWatch {
public:
    // `every`: at first; see UsageSeries.
    UsageWatch(UsageMeter meter, Resources limits, std::chrono::milliseconds every);

    // While what is counted is still there. Once.
    ResourceUsage end();

private:
    void look();
    std::int64_t now_ms() const;  // since the beginning

    UsageMeter meter_;
    UsageSeries series_;  // of the thread, until it was stopped
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    PacedThread thread_;
};

}  // namespace gyre::agent
