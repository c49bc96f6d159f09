#include "apps/gyre/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/terminal_text.h"
#include "base/terminal_width.h"

namespace gyre::apps {
namespace {

std::string_view code_of(Colour colour) {
    switch (colour) {
        case Colour::plain:
            return "";
        case Colour::red:
            return "\x1b[31m";
        case Colour::green:
            return "\x1b[32m";
        case Colour::yellow:
            return "\x1b[33m";
        case Colour::blue:
            return "\x1b[34m";
        case Colour::grey:
            return "\x1b[90m";
        case Colour::bold:
            return "\x1b[1m";
    }
    return "";
}

}  // namespace

bool shows_colours() {
    static const bool shows = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    return shows;
}

std::string coloured(Colour colour, std::string_view text) {
    if (!shows_colours() || colour == Colour::plain) return std::string(text);
    return fmt::format("{}{}\x1b[0m", code_of(colour), text);
}

Colour colour_of_status(std::string_view status) {
    if (status == "success") return Colour::green;
    if (status == "failed" || status == "failing" || status == "errored" || status == "timedout" ||
        status == "infrastructure_fail")
        return Colour::red;
    if (status == "running") return Colour::blue;
    if (status == "on_hold" || status == "queued") return Colour::yellow;
    return Colour::grey;
}

void print_table(std::vector<std::vector<std::string>> rows) {
    for (auto& row : rows) std::transform(row.begin(), row.end(), row.begin(), terminal_line);
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], terminal_columns(row[i]));
    }
    bool heading = true;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(i + 1 < row.size() ? widths[i] - terminal_columns(row[i]) + 2 : 0, ' ');
            const Colour colour = heading ? Colour::bold : colour_of_status(row[i]);
            line += (heading || colour != Colour::grey ? coloured(colour, row[i]) : row[i]) + padding;
        }
        fmt::print("{}\n", line);
        heading = false;
    }
}

std::string take_marked_lines(const std::string& mark, std::string& text) {
    constexpr std::size_t longest_kept = 64 << 10;
    std::string lines;
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        lines.append(mark).append(text, begin, end + 1 - begin);
        begin = end + 1;
    }
    text.erase(0, begin);
    if (text.size() > longest_kept) lines.append(mark).append(std::exchange(text, {})).append("\n");
    return lines;
}

std::string human_duration(std::int64_t millis) {
    if (millis < 1000) return fmt::format("{} ms", millis);
    if (millis < 60'000) return fmt::format("{:.1f} s", static_cast<double>(millis) / 1000);
    const auto seconds = millis / 1000;
    if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

std::string human_bytes(std::int64_t bytes) {
    if (bytes < 1000) return fmt::format("{} B", bytes);
    double amount = static_cast<double>(bytes);
    for (const char* unit : {"kB", "MB", "GB"}) {
        amount /= 1000;
        if (amount < 1000) return fmt::format("{:.1f} {}", amount, unit);
    }
    return fmt::format("{:.1f} TB", amount / 1000);
}

std::string human_memory(std::int64_t bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    double amount = static_cast<double>(bytes);
    for (; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
    const bool is_whole = unit == 0 || amount >= 100 || std::floor(amount) == amount;
    return fmt::format("{:.{}f} {}", amount, is_whole ? 0 : 1, units[unit]);
}

}  // namespace gyre::apps
