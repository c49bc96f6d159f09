#include "config/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "config/scalar.h"

namespace gyre::config {
namespace {

// Takes the next character off `text`, which is UTF-8.
char32_t take(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t character = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && i < text.size(); ++i) {
        character = (character << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    text.remove_prefix(std::min(length, text.size()));
    return character;
}

// Characters that YAML does not take as they are, or that its readers take for line ends.
bool needs_escape(char32_t c) {
    if (c < 0x20) return c != '\n' && c != '\t';
    return (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

bool needs_escapes(std::string_view text) {
    while (!text.empty()) {
        if (needs_escape(take(text))) return true;
    }
    return false;
}

bool consists_of(std::string_view text, std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
}

// Anything that some version of YAML reads as a number or a date.
bool is_like_number(std::string_view text) {
    const bool starts = text.front() == '.' || text.front() == '+' || text.front() == '-' ||
                        (text.front() >= '0' && text.front() <= '9');
    if (!starts) return false;
    const auto has_digit = text.find_first_of("0123456789") != std::string_view::npos;
    const auto dots = std::count(text.begin(), text.end(), '.');
    if (has_digit && dots <= 1 && consists_of(text, "0123456789_.:+-eE")) return true;
    if (text.size() > 2 && text.front() == '0' && consists_of(text, "0123456789abcdefABCDEFxo_")) return true;
    if (text.size() >= 8 && text[4] == '-' && consists_of(text, "0123456789-:. tTzZ+")) return true;
    return text.starts_with(".inf") || text.starts_with(".Inf") || text.starts_with(".INF") || text.starts_with("-.") ||
           text.starts_with("+.") || text.starts_with(".nan") || text.starts_with(".NaN") || text.starts_with(".NAN");
}

bool is_other_type(std::string_view text) {
    constexpr std::array<std::string_view, 6> words{"y", "Y", "n", "N", "<<", "="};
    const Node plain{.kind = NodeKind::scalar, .text = std::string(text)};
    return is_null_word(text) || as_boolean(plain) || is_number(text) || is_like_number(text) ||
           std::find(words.begin(), words.end(), text) != words.end();
}

bool is_plain(std::string_view text) {
    constexpr std::size_t longest_word = 40;  // that could be of another type
    if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
    if (text.find_first_of("\t\n") != std::string_view::npos || needs_escapes(text)) return false;
    if (std::string_view(",[]{}#&*!|>'\"%@`").find(text.front()) != std::string_view::npos) return false;
    const bool indicator = text.front() == '-' || text.front() == '?' || text.front() == ':';
    if (indicator && (text.size() == 1 || text[1] == ' ')) return false;
    if (text.starts_with("---") || text.starts_with("...")) return false;
    if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos) return false;
    return text.size() > longest_word || !is_other_type(text);
}

void append_escape(std::string& out, char32_t c) {
    std::array<char, 12> written{};
    const auto value = static_cast<unsigned>(c);
    std::snprintf(written.data(), written.size(), value < 0x100 ? "\\x%02X" : "\\u%04X", value);
    out += written.data();
}

std::string in_double_quotes(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::string_view before = text;
        const char32_t c = take(text);
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '"' || c == '\\') {
            out += {'\\', static_cast<char>(c)};
        } else if (needs_escape(c)) {
            append_escape(out, c);
        } else {
            out += before.substr(0, before.size() - text.size());
        }
    }
    return out + "\"";
}

std::string in_single_quotes(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
    return out + "'";
}

}  // namespace

std::string yaml_line(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    const bool backslashes = text.find_first_of("\"\\") != std::string_view::npos;
    const bool escapes = text.find_first_of("\t\n") != std::string_view::npos || needs_escapes(text);
    return backslashes && !escapes ? in_single_quotes(text) : in_double_quotes(text);
}

bool fits_yaml_block(std::string_view text) {
    return text.find('\n') != std::string_view::npos && !consists_of(text, " \t\n") && !needs_escapes(text);
}

std::string yaml_block(std::string_view text, const std::string& margin) {
    std::string out = "|";
    if (text.front() == ' ' || text.front() == '\t' || text.front() == '\n') out += '2';
    if (!text.ends_with('\n')) {
        out += '-';
    } else {
        if (text.ends_with("\n\n")) out += '+';
        text.remove_suffix(1);
    }
    for (;;) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        out += '\n';
        if (!line.empty()) out.append(margin).append(line);
        if (end == std::string_view::npos) return out;
        text.remove_prefix(end + 1);
    }
}

}  // namespace gyre::config
