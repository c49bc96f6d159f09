#include "base/clock.h"

#include <cstdio>
#include <ctime>

namespace gyre {

Timestamp SystemClock::now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::chrono::steady_clock::time_point SystemClock::steady() const { return std::chrono::steady_clock::now(); }

std::string to_iso(Timestamp at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto millis = static_cast<int>((at - seconds).count());
    const std::time_t unix_seconds = seconds.time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&unix_seconds, &parts);
    char text[64];
    const int length =
        std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                      parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, millis);
    return {text, static_cast<std::size_t>(length)};
}

Result<Timestamp> from_iso(std::string_view text) {
    const std::string copy(text.substr(0, 40));
    std::tm parts{};
    int millis = 0;
    int used = 0;
    const int fields = std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                                   &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used);
    const auto wrong = [&] { return invalid("'" + copy + "' is not a time; write it as 2026-01-02T03:04:05Z"); };
    if (fields != 6) return wrong();
    std::string rest = copy.substr(static_cast<std::size_t>(used));
    int fraction_used = 0;
    if (std::sscanf(rest.c_str(), ".%3d%n", &millis, &fraction_used) == 1)
        rest = rest.substr(static_cast<std::size_t>(fraction_used));
    if (rest != "Z") return wrong();
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    const std::time_t seconds = timegm(&parts);
    return Timestamp{std::chrono::seconds{seconds}} + Duration{millis};
}

}  // namespace gyre
