#pragma once

// The program's own log: one line an event, to standard error, as "2026-01-02T03:04:05.678Z info  conductor: text".
// Thread-safe. Never pass a secret; user output (job logs) does not come here.

#include <fmt/format.h>

#include <string_view>

namespace gyre::log {

enum class Level { debug, info, warn, error };

void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view part, std::string_view text);

template <typename... Args>
void debug(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::debug)) write(Level::debug, part, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::info)) write(Level::info, part, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warn(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::warn)) write(Level::warn, part, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::error, part, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace gyre::log
