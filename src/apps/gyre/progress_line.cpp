#include "apps/gyre/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace gyre::apps {
namespace {

constexpr std::chrono::milliseconds pace{200};
constexpr const char* wipe = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
    if (shown_) fmt::print(stderr, "{}", wipe);
}

backup::Watch ProgressLine::watch() {
    return [this](const backup::Progress& progress) -> Result<void> {
        if (terminal_) show(progress);
        return {};
    };
}

void ProgressLine::show(const backup::Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + pace;
    shown_ = true;
    const std::string total = progress.total > 0 ? fmt::format(" of {}", progress.total) : "";
    fmt::print(stderr, "{}{}: {}{}", wipe, progress.part, progress.done, total);
    std::fflush(stderr);
}

}  // namespace gyre::apps
