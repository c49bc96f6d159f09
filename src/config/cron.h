#pragma once

// The five fields of a cron line: minute hour day-of-month month day-of-week, with `*`, numbers, ranges, lists, steps,
// and the names of months and days. Checked here; schedules are not run yet.

#include <string_view>

#include "base/result.h"

namespace gyre::config {

Result<void> check_cron(std::string_view line);

}  // namespace gyre::config
