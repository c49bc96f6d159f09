#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <string>

#include "base/clock.h"

namespace gyre::log {
namespace {

std::atomic<Level> threshold{Level::info};

}  // namespace

void set_level(Level level) { threshold = level; }

bool enabled(Level level) { return level >= threshold.load(std::memory_order_relaxed); }

void write(Level level, std::string_view part, std::string_view text) {
    static constexpr std::array<std::string_view, 4> names{"debug", "info ", "warn ", "error"};
    const std::string line =
        fmt::format("{} {} {}: {}\n", to_iso(SystemClock{}.now()), names[static_cast<std::size_t>(level)], part, text);
    // One write call a line: lines of several threads and processes stay whole.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace gyre::log
