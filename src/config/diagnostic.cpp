#include "config/diagnostic.h"

#include <algorithm>
#include <tuple>

#include "base/json.h"

namespace gyre::config {
namespace {

std::string place(const std::string& file, const Range& range) {
    return file + ":" + std::to_string(range.line) + ":" + std::to_string(range.column);
}

}  // namespace

Note note_at(const Source& source, Span span, std::string message) {
    Note note{.message = std::move(message), .file = source.name(), .range = source.range(span)};
    Excerpt excerpt = source.excerpt(span);
    note.excerpt = std::move(excerpt.text);
    note.excerpt_column = excerpt.column;
    note.excerpt_width = excerpt.width;
    return note;
}

std::string clipped(std::string_view text, std::size_t most_bytes) {
    if (text.size() <= most_bytes) return std::string(text);
    while (most_bytes > 0 && (static_cast<unsigned char>(text[most_bytes]) & 0xC0U) == 0x80U) --most_bytes;
    return std::string(text.substr(0, most_bytes)) + "...";
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& one) { return one.severity == Severity::error; });
}

void sort_by_use(std::vector<Diagnostic>& diagnostics) {
    const auto key = [](const Diagnostic& one) {
        return std::tuple(one.severity, one.file, one.range.line, one.range.column);
    };
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

std::string render_text(const Diagnostic& diagnostic) {
    std::string text = place(diagnostic.file, diagnostic.range) + ": " + std::string(name_of(diagnostic.severity)) +
                       ": " + diagnostic.message + " [" + std::string(name_of(diagnostic.code)) + "]\n";
    if (!diagnostic.excerpt.empty()) {
        const std::string number = std::to_string(diagnostic.range.line);
        const std::string margin(number.size(), ' ');
        text += "  " + number + " | " + diagnostic.excerpt + "\n";
        text += "  " + margin + " | " + std::string(static_cast<std::size_t>(diagnostic.excerpt_column - 1), ' ') +
                std::string(static_cast<std::size_t>(diagnostic.excerpt_width), '^') + "\n";
    }
    if (!diagnostic.suggestion.empty()) text += "  help: did you mean '" + diagnostic.suggestion + "'?\n";
    if (!diagnostic.expected.empty()) text += "  help: expected " + diagnostic.expected + "\n";
    for (const Note& note : diagnostic.notes) {
        text += "  note: " + place(note.file, note.range) + ": " + note.message + "\n";
    }
    return text;
}

std::string render_text(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const Diagnostic& one : diagnostics) text += render_text(one);
    return text;
}

std::string render_json(const std::vector<Diagnostic>& diagnostics) {
    json::object object;
    object["diagnostics"] = gyre::to_json(diagnostics);
    return json::serialize(object);
}

}  // namespace gyre::config
