#include "config/diagnostic.h"

#include <algorithm>
#include <tuple>

#include "base/utf8.h"

namespace gyre::config {

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
    return std::string(cut_utf8(text, most_bytes)) + "...";
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& one) { return one.severity == Severity::error; });
}

void sort_by_use(std::vector<Diagnostic>& diagnostics) {
    const auto key = [](const Diagnostic& one) {
        return std::tuple<Severity, bool, const std::string&, int, int>(
            one.severity, one.code == Code::more_diagnostics, one.file, one.range.line, one.range.column);
    };
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

}  // namespace gyre::config
