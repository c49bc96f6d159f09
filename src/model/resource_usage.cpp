#include "model/resource_usage.h"

#include <algorithm>
#include <string>

#include "base/json.h"

namespace gyre {
namespace {

constexpr std::size_t deepest = 4;

bool can_be(std::int64_t number) { return number >= 0 && number <= largest_usage_number; }

Result<void> check_totals(const UsageTotals& totals) {
    for (const auto& total : {totals.cpu_ms, totals.memory_peak_bytes, totals.read_bytes, totals.written_bytes,
                              totals.received_bytes, totals.sent_bytes}) {
        if (total && !can_be(*total)) return invalid("a total of a usage cannot be " + std::to_string(*total));
    }
    return {};
}

Result<void> check_column(const std::vector<std::int64_t>& column, std::size_t samples) {
    if (!column.empty() && column.size() != samples) return invalid("a column of a usage has not a number a sample");
    if (!std::ranges::all_of(column, can_be)) return invalid("a sample of a usage has a number that cannot be");
    return {};
}

Result<void> check_samples(const UsageSamples& samples) {
    const auto count = samples.at_ms.size();
    if (count > most_usage_samples)
        return invalid("a usage has more than " + std::to_string(most_usage_samples) + " samples");
    for (const auto* column : {&samples.at_ms, &samples.cpu_ms, &samples.read_bytes, &samples.written_bytes,
                               &samples.received_bytes, &samples.sent_bytes}) {
        GYRE_TRY(check_column(*column, count));
        if (!std::ranges::is_sorted(*column)) return invalid("a count of a usage falls");
    }
    return check_column(samples.memory_bytes, count);
}

}  // namespace

Result<ResourceUsage> read_usage(std::string_view text) {
    GYRE_TRY_ASSIGN(auto usage, from_json_text<ResourceUsage>(text, {.bytes = largest_usage, .depth = deepest}));
    if (usage.version != usage_version)
        return invalid("the usage is of version " + std::to_string(usage.version) + ", and version " +
                       std::to_string(usage_version) + " is known here");
    if (!can_be(usage.wall_ms) || usage.limits.millicpus < 0 || usage.limits.memory_mb < 0)
        return invalid("a usage has a time or a limit that cannot be");
    GYRE_TRY(check_totals(usage.totals));
    GYRE_TRY(check_samples(usage.samples));
    return usage;
}

std::optional<double> cpu_share(const ResourceUsage& usage) {
    if (!usage.totals.cpu_ms || usage.wall_ms <= 0 || usage.limits.millicpus <= 0) return std::nullopt;
    const double offered_ms = static_cast<double>(usage.wall_ms) * usage.limits.millicpus / 1000;
    return static_cast<double>(*usage.totals.cpu_ms) / offered_ms;
}

}  // namespace gyre
