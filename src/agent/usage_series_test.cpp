#include "agent/usage_series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/json.h"

namespace gyre::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Resources limits{2000, 4096};

TEST(RisingCount, goes_on_where_its_counter_goes_back_or_away) {
    RisingCount count;
    EXPECT_FALSE(count.total().has_value()) << "not counted is not 0";
    for (const auto& [counter, total] :
         std::vector<std::pair<std::optional<std::int64_t>, std::int64_t>>{{10, 10},
                                                                           {10, 10},
                                                                           {25, 25},
                                                                           {std::nullopt, 25},
                                                                           {30, 30},
                                                                           {4, 34},
                                                                           {5, 35},
                                                                           {0, 35},
                                                                           {1, 36},
                                                                           {-7, 36}}) {
        count.add(counter);
        EXPECT_EQ(total, count.total()) << counter.value_or(-1);
    }
    count.add(std::numeric_limits<std::int64_t>::max());
    count.add(0);
    count.add(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(largest_usage_number, count.total());
}

TEST(UsageSeries, of_a_job_that_is_over_before_the_first_sample_has_totals_alone) {
    UsageSeries series(limits, 2'000);
    EXPECT_EQ(2'000, series.due_ms());
    const auto usage = series.end(700, {{.cpu_us = 300'999, .memory_peak_bytes = 50, .read_bytes = 0}});
    EXPECT_EQ(700, usage.wall_ms);
    EXPECT_EQ(300, usage.totals.cpu_ms);
    EXPECT_EQ(50, usage.totals.memory_peak_bytes);
    EXPECT_EQ(0, usage.totals.read_bytes);
    EXPECT_FALSE(usage.totals.sent_bytes.has_value());
    EXPECT_EQ(UsageSamples{}, usage.samples);
}

TEST(UsageSeries, adds_up_groups_of_which_one_may_go) {
    UsageSeries series(limits, 1'000);
    series.sample(1'000, {{.cpu_us = 5'000, .memory_bytes = 100}, {.cpu_us = 7'000, .memory_bytes = 30}});
    series.sample(2'000, {{.cpu_us = 6'000, .memory_bytes = 80}, {}});
    series.sample(3'000, {{.cpu_us = 8'000, .memory_bytes = 90}, {.cpu_us = 1'000, .memory_bytes = 20}});
    const auto usage = series.end(3'500, {{.cpu_us = 9'000}, {}});
    EXPECT_THAT(usage.samples.at_ms, ElementsAre(1'000, 2'000, 3'000));
    EXPECT_THAT(usage.samples.cpu_ms, ElementsAre(12, 13, 16));
    EXPECT_THAT(usage.samples.memory_bytes, ElementsAre(130, 80, 110));
    EXPECT_THAT(usage.samples.sent_bytes, IsEmpty());
    EXPECT_EQ(17, usage.totals.cpu_ms);
    EXPECT_EQ(130, usage.totals.memory_peak_bytes) << "where the kernel keeps none, what was seen";
}

TEST(UsageSeries, has_a_number_for_each_time_where_something_was_counted_late) {
    UsageSeries series(limits, 1'000);
    series.sample(1'000, {{}});
    series.sample(2'000, {{.received_bytes = 9}});
    const auto usage = series.end(2'000, {{}});
    EXPECT_THAT(usage.samples.received_bytes, ElementsAre(0, 9));
    EXPECT_THAT(usage.samples.memory_bytes, IsEmpty());
}

TEST(UsageSeries, doubles_its_interval_where_there_would_be_too_many_samples_and_keeps_the_most_memory) {
    UsageSeries series(limits, 1'000);
    const std::int64_t hours = 5 * 3'600'000;
    int looks = 0;
    for (std::int64_t now = 0; now < hours; now += 1'000) {
        if (now < series.due_ms()) continue;
        ++looks;
        series.sample(now, {{.cpu_us = now * 500, .memory_bytes = now == 7'000 ? 900 : 100}});
    }
    const auto usage = series.end(hours, {{.cpu_us = hours * 500}});
    const auto& times = usage.samples.at_ms;
    EXPECT_LE(times.size(), most_usage_samples);
    EXPECT_GE(times.size(), most_usage_samples / 2);
    EXPECT_LT(looks, 1'000) << "looks become as rare as samples";
    EXPECT_EQ(900, std::ranges::max(usage.samples.memory_bytes)) << "the spike of the seventh second stands";
    EXPECT_EQ(hours / 2, usage.totals.cpu_ms);
    EXPECT_TRUE(std::ranges::is_sorted(times));
    EXPECT_EQ(times.back() - times[times.size() - 2], series.due_ms() - times.back()) << "of one pace at the end";
    EXPECT_TRUE(read_usage(to_json_text(usage)).ok());
}

TEST(UsageSeries, takes_a_clock_that_stands_and_numbers_that_cannot_be) {
    UsageSeries series(limits, 1);
    for (int n = 0; n < 300; ++n)
        series.sample(5 - n, {{.cpu_us = -1, .memory_bytes = std::numeric_limits<std::int64_t>::max()},
                              {.cpu_us = n, .memory_bytes = std::numeric_limits<std::int64_t>::min()}});
    const auto usage = series.end(-9, {});
    const auto read = read_usage(to_json_text(usage));
    EXPECT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(5, usage.wall_ms);
}

}  // namespace
}  // namespace gyre::agent
