#pragma once

// Makes a ResourceUsage of readings: counts that only rise, and samples whose interval doubles when there would be too
// many of them. Pure: time comes as an argument. Not thread-safe.

#include <cstdint>
#include <optional>
#include <vector>

#include "model/resource_usage.h"

namespace gyre::agent {

// What the counters of one group of processes say. Absent: not counted here, or gone with the group.
struct UsageReading {
    std::optional<std::int64_t> cpu_us;
    std::optional<std::int64_t> memory_bytes;  // now
    std::optional<std::int64_t> memory_peak_bytes;
    std::optional<std::int64_t> read_bytes;
    std::optional<std::int64_t> written_bytes;
    std::optional<std::int64_t> received_bytes;
    std::optional<std::int64_t> sent_bytes;
    bool operator==(const UsageReading&) const = default;
};

// A count that goes on where its counter went away or back: a group that was made anew begins at 0.
class RisingCount {
public:
    void add(std::optional<std::int64_t> counter);
    std::optional<std::int64_t> total() const { return total_; }

private:
    std::optional<std::int64_t> total_;
    std::int64_t last_ = 0;
};

class UsageSeries {
public:
    // Interval: at least 1 ms.
    UsageSeries(Resources limits, std::int64_t first_interval_ms)
        : limits_(limits), interval_ms_(first_interval_ms), due_ms_(first_interval_ms) {}

    // When the next sample is wanted, since the beginning.
    std::int64_t due_ms() const { return due_ms_; }
    // One reading a group of processes, in the same order each time.
    void sample(std::int64_t at_ms, const std::vector<UsageReading>& readings);
    // As of the last sample.
    ResourceUsage so_far() const;
    // With a last reading, which is no sample: it says nothing of the memory that the job needed. Ends the series.
    ResourceUsage end(std::int64_t at_ms, const std::vector<UsageReading>& readings);

private:
    struct Group {
        RisingCount cpu_us, read, written, received, sent;
        std::optional<std::int64_t> memory_peak;
    };
    struct Sample {
        std::int64_t at_ms = 0;
        std::optional<std::int64_t> memory;
        UsageTotals totals;  // so far
    };

    void take(const std::vector<UsageReading>& readings);
    UsageTotals totals() const;
    std::int64_t last_ms() const { return samples_.empty() ? 0 : samples_.back().at_ms; }
    void thin_out();
    UsageSamples columns() const;

    Resources limits_;
    std::int64_t interval_ms_;
    std::int64_t due_ms_;
    std::vector<Group> groups_;
    std::vector<Sample> samples_;
};

}  // namespace gyre::agent
