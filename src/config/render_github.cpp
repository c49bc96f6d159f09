// https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions: `::error key=value,...::message`.
// `%`, CR and LF are escaped everywhere, `:` and `,` in values of keys too.

#include "base/terminal_text.h"
#include "config/render.h"

namespace gyre::config {
namespace {

std::string escaped(std::string_view text, bool in_value) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '%') {
            out += "%25";
        } else if (c == '\r') {
            out += "%0D";
        } else if (c == '\n') {
            out += "%0A";
        } else if (c == ':' && in_value) {
            out += "%3A";
        } else if (c == ',' && in_value) {
            out += "%2C";
        } else {
            out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
        }
    }
    return out;
}

std::string message_of(const Diagnostic& one) {
    std::string text = one.message;
    if (!one.suggestion.empty()) text += "\ndid you mean '" + one.suggestion + "'?";
    if (!one.expected.empty()) text += "\nexpected " + one.expected;
    for (const Note& note : one.notes) text += "\nat " + place_of(note.file, note.range) + ": " + note.message;
    return terminal_text(text);
}

}  // namespace

std::string render_github(const std::vector<Diagnostic>& diagnostics) {
    std::string lines;
    for (const Diagnostic& one : diagnostics) {
        lines += "::" + std::string(name_of(one.severity));
        lines += " file=" + escaped(one.file, true);
        lines += ",line=" + std::to_string(one.range.line) + ",endLine=" + std::to_string(one.range.end_line);
        lines += ",col=" + std::to_string(one.range.column);
        if (one.range.end_line == one.range.line) lines += ",endColumn=" + std::to_string(one.range.end_column);
        lines += ",title=" + escaped(name_of(one.code), true);
        lines += "::" + escaped(message_of(one), false) + "\n";
    }
    return lines;
}

}  // namespace gyre::config
