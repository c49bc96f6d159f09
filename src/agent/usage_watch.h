#pragma once

// Counts what an attempt uses while it runs, on a thread of its own that looks from time to time, and tells the server
// now and then what it has. A job that is over before the first look costs no reading but the last, and no call. A
// server that does not answer, or does not know the call, costs the job nothing.

#include <chrono>

#include "agent/executors/usage_meter.h"
#include "agent/gateway_client.h"
#include "agent/usage_series.h"
#include "base/fd.h"
#include "base/paced_thread.h"

namespace gyre::agent {

struct UsageTimes {
    std::chrono::milliseconds every{2'000};  // at first; see UsageSeries
    std::chrono::milliseconds told_every{10'000};
};

class UsageWatch {
public:
    UsageWatch(UsageMeter meter, Resources limits, UsageTimes times, const GatewayClient& gateway);

    // While what is counted is still there. Once.
    ResourceUsage end();

private:
    void look();
    void tell();
    std::int64_t now_ms() const;  // since the beginning

    UsageMeter meter_;
    UsageTimes times_;
    UsageSeries series_;        // of the thread, until it was stopped; as the next two
    bool is_heard_ = true;      // the server wants to know
    std::int64_t tell_at_ = 0;  // not before
    Fd end_event_;
    GatewayClient gateway_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    PacedThread thread_;
};

}  // namespace gyre::agent
