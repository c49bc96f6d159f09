#pragma once

// What agents say about their attempt, bounded and put in order before it is stored. Pure.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "model/records.h"

namespace gyre::gateway {

inline constexpr int most_steps = 100'000;          // largest step index
inline constexpr std::size_t most_reports = 1'000;  // steps or test cases in one call
inline constexpr int most_batches = 1'000;          // of test cases in one attempt

// A step's record as it shall be stored. Times are ours: a step starts when we first hear of it (one that has ended by
// then, as long before as it ran), and ends when we first hear that it ended. A report that was overtaken (running,
// after the end) changes nothing. `stored` bytes of its output are here; the report of its end announces how many there
// will be.
StepRecord merge_step(const std::optional<StepRecord>& before, StepRecord reported, std::int64_t stored, Timestamp now);

Result<void> check_step(const StepRecord& step);
Result<void> check_artifact_path(const std::string& path);
void cut(std::string& text, std::size_t bytes);  // at a character's border

}  // namespace gyre::gateway
