#include "output/line_search.h"

#include <algorithm>

namespace gyre::output {
namespace {

constexpr std::int64_t window_bytes = 256 << 10;  // as frames of sealed outputs
constexpr int windows_a_step = 16;

// Behind the nth '\n' of the text, which has as many.
std::size_t behind_end(std::string_view text, std::int64_t nth) {
    std::size_t at = 0;
    for (; nth > 0; --nth) at = text.find('\n', at) + 1;
    return at;
}

}  // namespace

LineSearch LineSearch::line(OutputStore& outputs, OutputName name, std::int64_t line) {
    return {outputs, std::move(name), line - 1, false};
}

LineSearch LineSearch::tail(OutputStore& outputs, OutputName name, std::int64_t lines) {
    return {outputs, std::move(name), lines, true};
}

Result<std::optional<std::int64_t>> LineSearch::step() {
    if (!begun_) GYRE_TRY(begin());
    begun_ = true;
    return from_end_ ? look_back() : look_on();
}

Result<void> LineSearch::begin() {
    if (from_end_) {
        GYRE_TRY_ASSIGN(const auto length, outputs_.length(name_));
        at_ = std::max<std::int64_t>(length - 1, 0);  // what ends there is the last line itself
        return {};
    }
    if (wanted_ == 0) return {};
    GYRE_TRY_ASSIGN(const auto mark, outputs_.mark(name_, wanted_ - 1));
    at_ = mark.offset;
    ends_ = mark.ends;
    return {};
}

Result<std::optional<std::int64_t>> LineSearch::look_on() {
    for (int windows = 0; windows < windows_a_step; ++windows) {
        if (ends_ == wanted_) {
            GYRE_TRY_ASSIGN(const auto found, check_there(at_));
            return std::optional(found);
        }
        GYRE_TRY_ASSIGN(const std::string text, outputs_.read(name_, at_, window_bytes));
        if (text.empty()) {
            GYRE_TRY(check_there(at_));
            continue;  // more came meanwhile
        }
        const auto ends = std::count(text.begin(), text.end(), '\n');
        if (ends_ + ends >= wanted_) {
            at_ += static_cast<std::int64_t>(behind_end(text, wanted_ - ends_));
            ends_ = wanted_;
            last_ = '\n';
            continue;
        }
        at_ += std::ssize(text);
        ends_ += ends;
        last_ = text.back();
    }
    return std::optional<std::int64_t>();
}

// A line has bytes, but for the first line of an output without any.
Result<std::int64_t> LineSearch::check_there(std::int64_t offset) {
    GYRE_TRY_ASSIGN(const std::string byte, outputs_.read(name_, offset, 1));
    if (!byte.empty() || wanted_ == 0) return offset;
    const auto lines = ends_ + (last_ == '\n' ? 0 : 1);
    return not_found("There is no line " + std::to_string(wanted_ + 1) + ": the output has " + std::to_string(lines) +
                     " by now.");
}

Result<std::string> LineSearch::window(std::int64_t from, std::int64_t to) {
    std::string text;
    while (from + std::ssize(text) < to) {
        const auto at = from + std::ssize(text);
        GYRE_TRY_ASSIGN(const std::string piece, outputs_.read(name_, at, static_cast<std::size_t>(to - at)));
        if (piece.empty()) return corrupt("an output became shorter while a line was looked for");
        text += piece;
    }
    return text;
}

Result<std::optional<std::int64_t>> LineSearch::look_back() {
    for (int windows = 0; windows < windows_a_step; ++windows) {
        if (at_ == 0) return std::optional(at_);
        const auto from = (at_ - 1) / window_bytes * window_bytes;
        GYRE_TRY_ASSIGN(const std::string text, window(from, at_));
        for (auto end = text.rfind('\n'); end != std::string::npos;
             end = end > 0 ? text.rfind('\n', end - 1) : std::string::npos) {
            if (++ends_ == wanted_) return std::optional(from + static_cast<std::int64_t>(end) + 1);
        }
        at_ = from;
    }
    return std::optional<std::int64_t>();
}

}  // namespace gyre::output
