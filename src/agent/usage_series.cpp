#include "agent/usage_series.h"

#include <algorithm>

namespace gyre::agent {
namespace {

using Count = std::optional<std::int64_t>;

// No sum becomes a number that a reader of the usage would refuse.
std::int64_t sum_of(std::int64_t one, std::int64_t other) { return std::min(one + other, largest_usage_number); }

void add_to(Count& sum, const Count& more) {
    if (more) sum = sum_of(sum.value_or(0), *more);
}

void raise(Count& most, const Count& other) {
    if (other) most = std::max(most.value_or(0), *other);
}

Count bounded(const Count& counter) {
    return counter ? Count(std::clamp<std::int64_t>(*counter, 0, largest_usage_number)) : counter;
}

}  // namespace

void RisingCount::add(std::optional<std::int64_t> counter) {
    if (!counter) return;
    const std::int64_t now = *bounded(counter);
    total_ = sum_of(total_.value_or(0), now >= last_ ? now - last_ : now);
    last_ = now;
}

void UsageSeries::sample(std::int64_t at_ms, const std::vector<UsageReading>& readings) {
    take(readings);
    Sample& added =
        samples_.emplace_back(Sample{.at_ms = std::max(at_ms, last_ms()), .memory = {}, .totals = totals()});
    for (const auto& reading : readings) add_to(added.memory, bounded(reading.memory_bytes));
    if (samples_.size() > most_usage_samples) thin_out();
    due_ms_ = samples_.back().at_ms + interval_ms_;
}

ResourceUsage UsageSeries::end(std::int64_t at_ms, const std::vector<UsageReading>& readings) {
    take(readings);
    ResourceUsage usage = so_far();
    usage.wall_ms = std::max(at_ms, last_ms());
    return usage;
}

ResourceUsage UsageSeries::so_far() const {
    ResourceUsage usage;
    usage.limits = limits_;
    usage.wall_ms = last_ms();
    usage.totals = totals();
    usage.samples = columns();
    return usage;
}

void UsageSeries::take(const std::vector<UsageReading>& readings) {
    groups_.resize(std::max(groups_.size(), readings.size()));
    for (std::size_t place = 0; place < readings.size(); ++place) {
        const UsageReading& reading = readings[place];
        Group& group = groups_[place];
        group.cpu_us.add(reading.cpu_us);
        group.read.add(reading.read_bytes);
        group.written.add(reading.written_bytes);
        group.received.add(reading.received_bytes);
        group.sent.add(reading.sent_bytes);
        raise(group.memory_peak, bounded(reading.memory_bytes));
        raise(group.memory_peak, bounded(reading.memory_peak_bytes));
    }
}

UsageTotals UsageSeries::totals() const {
    UsageTotals sum;
    for (const auto& group : groups_) {
        add_to(sum.cpu_ms, group.cpu_us.total());
        add_to(sum.memory_peak_bytes, group.memory_peak);
        add_to(sum.read_bytes, group.read.total());
        add_to(sum.written_bytes, group.written.total());
        add_to(sum.received_bytes, group.received.total());
        add_to(sum.sent_bytes, group.sent.total());
    }
    if (sum.cpu_ms) *sum.cpu_ms /= 1000;  // it was summed in microseconds
    return sum;
}

// Of two samples one stays: the later, with the more memory of both. The last of all stays.
void UsageSeries::thin_out() {
    std::vector<Sample> kept;
    for (std::size_t at = 1 - samples_.size() % 2; at < samples_.size(); at += 2) {
        kept.push_back(samples_[at]);
        if (at > 0) raise(kept.back().memory, samples_[at - 1].memory);
    }
    samples_ = std::move(kept);
    interval_ms_ *= 2;
}

// What was counted once has a number in the last sample.
UsageSamples UsageSeries::columns() const {
    const auto column = [&](auto number_of) {
        std::vector<std::int64_t> numbers;
        const auto counted = [&](const Sample& sample) { return number_of(sample).has_value(); };
        if (std::ranges::none_of(samples_, counted)) return numbers;
        for (const auto& sample : samples_) numbers.push_back(number_of(sample).value_or(0));
        return numbers;
    };
    UsageSamples columns;
    columns.at_ms = column([](const Sample& sample) { return Count(sample.at_ms); });
    columns.memory_bytes = column([](const Sample& sample) { return sample.memory; });
    columns.cpu_ms = column([](const Sample& sample) { return sample.totals.cpu_ms; });
    columns.read_bytes = column([](const Sample& sample) { return sample.totals.read_bytes; });
    columns.written_bytes = column([](const Sample& sample) { return sample.totals.written_bytes; });
    columns.received_bytes = column([](const Sample& sample) { return sample.totals.received_bytes; });
    columns.sent_bytes = column([](const Sample& sample) { return sample.totals.sent_bytes; });
    return columns;
}

}  // namespace gyre::agent
