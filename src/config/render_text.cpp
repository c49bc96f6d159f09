#include <algorithm>

#include "base/terminal_text.h"
#include "base/terminal_width.h"
#include "config/render.h"

namespace gyre::config {
namespace {

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view yellow = "\x1b[1;33m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view blue = "\x1b[34m";
constexpr std::string_view grey = "\x1b[90m";
constexpr std::size_t deepest_indent = 8;  // stations; what lies deeper stays there

// Where carets stand below an excerpt, in columns of a terminal; the excerpt counts characters.
struct Carets {
    std::size_t before = 0;
    std::size_t count = 1;
};

// Takes so many characters from the front of `text`, and gives their columns. Behind its end each counts one.
std::size_t take_columns(std::string_view& text, int characters) {
    std::size_t bytes = 0;
    for (; characters > 0 && bytes < text.size(); --characters) {
        do ++bytes;
        while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U);
    }
    const std::string shown = terminal_line(text.substr(0, bytes));
    text.remove_prefix(bytes);
    return terminal_columns(shown) + static_cast<std::size_t>(std::max(0, characters));
}

Carets carets_below(std::string_view excerpt, int column, int width) {
    const std::size_t before = take_columns(excerpt, column - 1);
    return {before, std::max<std::size_t>(1, take_columns(excerpt, width))};
}

class Writer {
public:
    explicit Writer(TextStyle style) : style_(style) {}

    void heading(const Diagnostic& one) {
        const bool error = one.severity == Severity::error;
        paint(bold, terminal_line(place_of(one.file, one.range)) + ": ");
        paint(error ? red : yellow, name_of(one.severity));
        paint(bold, ": " + terminal_line(one.message));
        paint(grey, " [" + std::string(name_of(one.code)) + "]");
        text_ += '\n';
    }

    template <typename Marked>  // a Diagnostic or a Note
    void excerpt(const Marked& one, std::string_view colour, std::size_t indent) {
        if (one.excerpt.empty()) return;
        const std::string number = std::to_string(one.range.line);
        const std::string margin(number.size(), ' ');
        gutter(indent, number);
        text_ += " " + terminal_line(one.excerpt) + "\n";
        gutter(indent, margin);
        const Carets carets = carets_below(one.excerpt, one.excerpt_column, one.excerpt_width);
        text_.append(1 + carets.before, ' ');
        paint(colour, std::string(carets.count, '^'));
        text_ += '\n';
    }

    void help(const std::string& sentence) {
        paint(green, "  help: ");
        text_ += terminal_line(sentence) + "\n";
    }

    void related(const Diagnostic& one, const Note& note) {
        paint(blue, "  note: ");
        text_ += terminal_line(place_of(note.file, note.range) + ": " + note.message) + "\n";
        const bool shown_above = note.file == one.file && note.range.line == one.range.line;
        if (!shown_above) excerpt(note, blue, 4);
    }

    void station(const Note& note, std::size_t depth) {
        text_.append(2 + 2 * std::min(depth, deepest_indent), ' ');
        paint(blue, "at ");
        text_ += terminal_line(place_of(note.file, note.range) + ": " + note.message) + "\n";
    }

    std::string take() { return std::move(text_); }

private:
    void paint(std::string_view colour, std::string_view text) {
        if (style_.colours) text_ += colour;
        text_ += text;
        if (style_.colours) text_ += "\x1b[0m";
    }

    void gutter(std::size_t indent, const std::string& number) {
        text_.append(indent, ' ');
        paint(blue, number + " |");
    }

    TextStyle style_;
    std::string text_;
};

}  // namespace

std::string render_text(const Diagnostic& diagnostic, TextStyle style) {
    Writer writer(style);
    writer.heading(diagnostic);
    writer.excerpt(diagnostic, diagnostic.severity == Severity::error ? red : yellow, 2);
    if (!diagnostic.suggestion.empty()) writer.help("did you mean '" + diagnostic.suggestion + "'?");
    if (!diagnostic.expected.empty()) writer.help("expected " + diagnostic.expected);
    for (const Note& note : diagnostic.notes) {
        if (!note.station) writer.related(diagnostic, note);
    }
    std::size_t depth = 0;
    for (const Note& note : diagnostic.notes) {
        if (note.station) writer.station(note, depth++);
    }
    return writer.take();
}

std::string render_text(const std::vector<Diagnostic>& diagnostics, TextStyle style) {
    std::string text;
    for (const Diagnostic& one : diagnostics) text += (text.empty() ? "" : "\n") + render_text(one, style);
    return text;
}

}  // namespace gyre::config
