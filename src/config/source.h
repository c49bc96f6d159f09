#pragma once

// A text that is being compiled, and places in it. Code keeps byte offsets (Span); people get lines and columns
// (Range), worked out only when something is reported. Lines end at \n, \r\n or a lone \r. Columns count characters
// (code points), not bytes. Both start at 1.

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::config {

// Bytes [begin, end) of a source.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Span&) const = default;
};

struct Range {
    int line = 1;
    int column = 1;
    int end_line = 1;
    int end_column = 1;  // one after the last character
    bool operator==(const Range&) const = default;
};
BOOST_DESCRIBE_STRUCT(Range, (), (line, column, end_line, end_column))

// The line a range starts on, cut to a window around it where the line is long. Tabs are spaces, what a terminal obeys
// is as terminal_line() shows it (base/terminal_text.h), and bytes that are no UTF-8 are U+FFFD.
struct Excerpt {
    std::string text;
    int column = 1;  // of the range's start in `text`
    int width = 1;   // how many characters of `text` the range covers, at least 1
};

// Does not own the text, which must outlive it. A byte order mark is not part of the text. Immutable but for hide(),
// and thread-safe after it.
class Source {
public:
    Source(std::string name, std::string_view text);

    const std::string& name() const { return name_; }
    std::string_view text() const { return text_; }
    Range range(Span span) const;
    // What gave that range.
    Span span(const Range& range) const;
    // Shows each character of a hidden place as '*'.
    Excerpt excerpt(Span span) const;
    // Places that excerpts must not show, besides those hidden already; they may overlap.
    void hide(const std::vector<Span>& places);
    bool hides_some_of(Span place) const;

private:
    std::size_t line_of(std::uint32_t offset) const;
    std::string_view line_text(std::size_t line) const;
    std::uint32_t byte_at(int line, int column) const;
    int characters_to(std::size_t end) const;
    std::string shown(std::size_t begin, std::size_t end) const;

    std::string name_;
    std::string_view text_;
    std::vector<std::uint32_t> line_starts_;
    std::vector<int> characters_before_;  // each block of bytes; empty when a character is a byte
    std::vector<Span> hidden_;            // in order, none touching another
};

}  // namespace gyre::config
