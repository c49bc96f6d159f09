#include "gateway/reports.h"

#include <algorithm>

namespace gyre::gateway {
namespace {

constexpr std::size_t longest_name = 1024;
constexpr std::size_t longest_type = 64;
constexpr std::size_t longest_command = 4096;
constexpr std::size_t longest_path = 1024;
constexpr std::int64_t longest_run_ms = std::int64_t{30} * 24 * 60 * 60 * 1000;

bool is_plain_segment(std::string_view segment) { return !segment.empty() && segment != "." && segment != ".."; }

}  // namespace

StepRecord merge_step(const std::optional<StepRecord>& before, StepRecord reported, std::int64_t stored,
                      Timestamp now) {
    const bool runs = reported.status == StepStatus::running;
    if (before && before->status != StepStatus::running && runs) return *before;
    cut(reported.name, longest_name);
    cut(reported.type, longest_type);
    cut(reported.command, longest_command);
    reported.output_bytes = runs ? stored : std::max(reported.output_bytes, stored);
    reported.run_time_ms = std::max<std::int64_t>(reported.run_time_ms, 0);
    const bool skipped = reported.status == StepStatus::skipped;
    const auto known_start = before ? before->started_at : std::nullopt;
    const auto known_end = before ? before->stopped_at : std::nullopt;
    const Duration ran{runs ? 0 : std::min(reported.run_time_ms, longest_run_ms)};
    reported.started_at = known_start || skipped ? known_start : std::optional(now - ran);
    // The clock may have been set back meanwhile.
    const Timestamp ended = std::max(now, reported.started_at.value_or(now));
    reported.stopped_at = runs ? std::nullopt : known_end || skipped ? known_end : std::optional(ended);
    return reported;
}

Result<void> check_step(const StepRecord& step) {
    if (step.index >= 0 && step.index <= most_steps) return {};
    return invalid("a step's index must be from 0 to " + std::to_string(most_steps));
}

Result<void> check_artifact_path(const std::string& path) {
    if (path.empty() || path.size() > longest_path) {
        return invalid("an artifact's path must have 1 to " + std::to_string(longest_path) + " bytes");
    }
    if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        return invalid("an artifact's path may not contain control characters");
    }
    std::string_view rest = path;
    while (true) {
        const auto slash = rest.find_first_of("/\\");
        if (!is_plain_segment(rest.substr(0, slash))) {
            return invalid("an artifact's path must be relative, without empty segments, '.' and '..'");
        }
        if (slash == std::string_view::npos) return {};
        rest.remove_prefix(slash + 1);
    }
}

void cut(std::string& text, std::size_t bytes) {
    if (text.size() <= bytes) return;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    text.resize(bytes);
}

}  // namespace gyre::gateway
