#pragma once

// What one attempt used of its machine: totals, and samples for graphs. The agent counts; it sends what it has from
// time to time, and all with the attempt's end. An attempt whose agent was lost has what came before. Counts begin when
// the job's place stood. What this machine does not count is absent, which is not the same as 0.

#include <boost/describe.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/resource_class.h"

namespace gyre {

inline constexpr int usage_version = 1;
inline constexpr std::size_t most_usage_samples = 120;
inline constexpr std::size_t largest_usage = 64 << 10;                       // bytes of its JSON
inline constexpr std::int64_t largest_usage_number = std::int64_t{1} << 53;  // what every reader of JSON can hold

struct UsageTotals {
    std::optional<std::int64_t> cpu_ms;             // of all CPUs together
    std::optional<std::int64_t> memory_peak_bytes;  // the most at once, cached files included
    std::optional<std::int64_t> read_bytes;         // from disks
    std::optional<std::int64_t> written_bytes;
    std::optional<std::int64_t> received_bytes;  // where the job has a network of its own
    std::optional<std::int64_t> sent_bytes;
    bool operator==(const UsageTotals&) const = default;
};
BOOST_DESCRIBE_STRUCT(UsageTotals, (),
                      (cpu_ms, memory_peak_bytes, read_bytes, written_bytes, received_bytes, sent_bytes))

// Columns: each has a number for each time in `at_ms`, or is empty where it is not counted. All but memory are counts
// from the beginning, which never fall.
struct UsageSamples {
    std::vector<std::int64_t> at_ms;  // since the beginning
    std::vector<std::int64_t> cpu_ms;
    std::vector<std::int64_t> memory_bytes;  // the most seen since the sample before; without files that could go
    std::vector<std::int64_t> read_bytes;
    std::vector<std::int64_t> written_bytes;
    std::vector<std::int64_t> received_bytes;
    std::vector<std::int64_t> sent_bytes;
    bool operator==(const UsageSamples&) const = default;
};
BOOST_DESCRIBE_STRUCT(UsageSamples, (),
                      (at_ms, cpu_ms, memory_bytes, read_bytes, written_bytes, received_bytes, sent_bytes))

struct ResourceUsage {
    int version = usage_version;
    Resources limits;          // of the job's resource class
    std::int64_t wall_ms = 0;  // from the beginning to the last reading, which the totals are of
    UsageTotals totals;
    UsageSamples samples;  // a job that is over before the first has none
    bool operator==(const ResourceUsage&) const = default;
};
BOOST_DESCRIBE_STRUCT(ResourceUsage, (), (version, limits, wall_ms, totals, samples))

// Reads what somebody sent. Errors: `too_large`; `invalid` with the reason: no such JSON, another version, counts that
// cannot be.
Result<ResourceUsage> read_usage(std::string_view text);

// How much of the CPUs of its class it used on average: 1 is all of them. Nothing: not counted, or no time passed.
std::optional<double> cpu_share(const ResourceUsage& usage);

}  // namespace gyre
