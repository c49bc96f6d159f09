#include "config/source.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/terminal_text.h"
#include "base/utf8.h"

namespace gyre::config {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t longest_with_lines = 16U << 20U;  // larger texts are refused; no memory for their lines
constexpr std::size_t block = 1024;                     // bytes; the characters before each are counted once
constexpr std::size_t excerpt_before = 60;              // characters kept left of the range's start when a line is long
constexpr std::size_t excerpt_length = 120;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

// How many of eight bytes start no character: those whose highest bits are 10.
int count_inner(const char* bytes) {
    std::uint64_t all = 0;
    std::memcpy(&all, bytes, sizeof all);
    return std::popcount((all >> 7U) & ~(all >> 6U) & 0x0101010101010101U);
}

int count_characters(std::string_view text) {
    std::size_t inner = 0;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) inner += static_cast<std::size_t>(count_inner(text.data() + at));
    for (; at < text.size(); ++at) inner += starts_character(text[at]) ? 0 : 1;
    return static_cast<int>(text.size() - inner);
}

// The byte offset of the character `count` characters before `from`; not far in bytes that are no characters.
std::size_t step_back(std::string_view text, std::size_t from, std::size_t count) {
    const std::size_t first = from - std::min(from, 4 * count);
    while (from > first && count > 0) {
        if (starts_character(text[--from])) --count;
    }
    return from;
}

std::size_t step_forward(std::string_view text, std::size_t from, std::size_t count) {
    const std::size_t last = std::min(text.size(), from + 4 * count);
    while (from < last) {
        if (starts_character(text[from]) && count-- == 0) break;
        ++from;
    }
    return from;
}

}  // namespace

Source::Source(std::string name, std::string_view text) : name_(std::move(name)), text_(text), line_starts_{0} {
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
    if (text_.size() > longest_with_lines) return;
    int counted = 0;
    for (std::size_t at = 0; at < text_.size(); at += block) {
        characters_before_.push_back(counted);
        counted += count_characters(text_.substr(at, block));
    }
    if (static_cast<std::size_t>(counted) == text_.size()) characters_before_.clear();
    for (std::size_t i = 0; i < text_.size(); ++i) {
        const bool lone_return = text_[i] == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n');
        if (text_[i] == '\n' || lone_return) line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
    }
}

std::size_t Source::line_of(std::uint32_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    return static_cast<std::size_t>(after - line_starts_.begin()) - 1;
}

std::string_view Source::line_text(std::size_t line) const {
    const std::size_t begin = line_starts_[line];
    const std::size_t end = line + 1 < line_starts_.size() ? line_starts_[line + 1] : text_.size();
    std::string_view text = text_.substr(begin, end - begin);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

// In all of the text before a byte: a line may be as long as the text.
int Source::characters_to(std::size_t end) const {
    if (characters_before_.empty()) return static_cast<int>(end);
    const std::size_t at = std::min(end / block, characters_before_.size() - 1);
    return characters_before_[at] + count_characters(text_.substr(at * block, end - at * block));
}

Range Source::range(Span span) const {
    const auto size = static_cast<std::uint32_t>(text_.size());
    span.begin = std::min(span.begin, size);
    span.end = std::clamp(span.end, span.begin, size);
    const auto place = [&](std::uint32_t offset) {
        const std::size_t line = line_of(offset);
        const std::size_t begin = line_starts_[line];
        return std::pair(static_cast<int>(line) + 1, characters_to(offset) - characters_to(begin) + 1);
    };
    const auto [line, column] = place(span.begin);
    const auto [end_line, end_column] = place(span.end);
    return {line, column, end_line, end_column};
}

std::uint32_t Source::byte_at(int line, int column) const {
    const auto size = static_cast<std::uint32_t>(text_.size());
    const std::size_t start = line_starts_[std::min(static_cast<std::size_t>(line), line_starts_.size()) - 1];
    const int wanted = characters_to(start) + column - 1;  // so many are before it
    if (characters_before_.empty()) return std::min(static_cast<std::uint32_t>(wanted), size);
    const auto behind = std::upper_bound(characters_before_.begin(), characters_before_.end(), wanted);
    std::size_t at = static_cast<std::size_t>(behind - characters_before_.begin() - 1) * block;
    int left = wanted - *(behind - 1);
    for (; at < text_.size(); ++at) {
        if (starts_character(text_[at]) && left-- == 0) return static_cast<std::uint32_t>(at);
    }
    return size;
}

Span Source::span(const Range& range) const {
    return {byte_at(range.line, range.column), byte_at(range.end_line, range.end_column)};
}

void Source::hide(const std::vector<Span>& places) {
    std::vector<Span> all = std::move(hidden_);
    all.insert(all.end(), places.begin(), places.end());
    std::sort(all.begin(), all.end(), [](Span a, Span b) { return a.begin < b.begin; });
    hidden_.clear();
    for (const Span& one : all) {
        if (!hidden_.empty() && one.begin <= hidden_.back().end) {
            hidden_.back().end = std::max(hidden_.back().end, one.end);
        } else {
            hidden_.push_back(one);
        }
    }
}

bool Source::hides_some_of(Span place) const {
    const auto next =
        std::partition_point(hidden_.begin(), hidden_.end(), [&](const Span& one) { return one.end <= place.begin; });
    return next != hidden_.end() && next->begin < place.end;
}

// The bytes [begin, end) as people may see them.
std::string Source::shown(std::size_t begin, std::size_t end) const {
    std::string text;
    auto hidden = std::partition_point(hidden_.begin(), hidden_.end(), [&](Span one) { return one.end <= begin; });
    for (std::size_t at = begin; at < end; ++at) {
        if (hidden != hidden_.end() && hidden->end <= at) ++hidden;
        const bool is_hidden = hidden != hidden_.end() && at >= hidden->begin;
        if (!is_hidden) {
            text += text_[at];
        } else if (starts_character(text_[at])) {
            text += '*';
        }
    }
    std::replace(text.begin(), text.end(), '\t', ' ');
    return terminal_line(valid_utf8(text));
}

Excerpt Source::excerpt(Span span) const {
    const auto offset = std::min(span.begin, static_cast<std::uint32_t>(text_.size()));
    const std::size_t line_number = line_of(offset);
    const std::string_view line = line_text(line_number);
    const std::size_t start = std::min<std::size_t>(offset - line_starts_[line_number], line.size());
    const std::size_t from = line.size() <= excerpt_length ? 0 : step_back(line, start, excerpt_before);
    const std::size_t to = step_forward(line, from, excerpt_length);
    const std::size_t length = span.end > span.begin ? span.end - span.begin : 0;
    const std::size_t stop = std::min(to, start + length);

    const std::size_t begin = line_starts_[line_number];
    const std::size_t end_of_mark = std::max(start, stop);
    const std::string before = shown(begin + from, begin + start);
    const std::string marked = shown(begin + start, begin + end_of_mark);
    Excerpt excerpt{.text = before + marked + shown(begin + end_of_mark, begin + to)};
    excerpt.column = count_characters(before) + 1;
    excerpt.width = std::max(1, count_characters(marked));
    return excerpt;
}

}  // namespace gyre::config
