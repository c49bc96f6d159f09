#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "httpd/message.h"

namespace gyre::httpd {
namespace {

constexpr std::size_t most_segments = 64;
constexpr std::size_t most_fields = 200;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return invalid("a '%' must be followed by two hexadecimal digits");
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

bool climbs(std::string_view segment) {
    while (true) {
        const auto slash = segment.find_first_of("/\\");
        const auto part = segment.substr(0, slash);
        if (part == "." || part == "..") return true;
        if (slash == std::string_view::npos) return false;
        segment.remove_prefix(slash + 1);
    }
}

Result<std::vector<std::string>> split_path(std::string_view path) {
    std::vector<std::string> segments;
    path.remove_prefix(1);
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        GYRE_TRY_ASSIGN(auto segment, decode(path.substr(0, slash), false));
        if (climbs(segment)) return invalid("a path may not contain '.' or '..' as a segment");
        if (std::any_of(segment.begin(), segment.end(), is_control)) {
            return invalid("a path may not contain control characters");
        }
        if (segments.size() == most_segments) {
            return invalid("a path may have at most " + std::to_string(most_segments) + " segments");
        }
        segments.push_back(std::move(segment));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return segments;
}

}  // namespace

Result<Pairs> parse_form(std::string_view text) {
    Pairs fields;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto field = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (field.empty()) continue;
        if (fields.size() == most_fields) {
            return invalid("there may be at most " + std::to_string(most_fields) + " fields");
        }
        const auto equals = std::min(field.find('='), field.size());
        GYRE_TRY_ASSIGN(auto name, decode(field.substr(0, equals), true));
        GYRE_TRY_ASSIGN(auto value, decode(field.substr(std::min(equals + 1, field.size())), true));
        fields.emplace_back(std::move(name), std::move(value));
    }
    return fields;
}

Result<Target> parse_target(std::string_view target) {
    if (target.empty() || target.front() != '/') return invalid("the request's path must begin with '/'");
    if (std::any_of(target.begin(), target.end(), is_control)) {
        return invalid("a path may not contain control characters");
    }
    const auto end = std::min(target.find('?'), target.size());
    Target parsed;
    parsed.path = std::string(target.substr(0, end));
    GYRE_TRY_ASSIGN(parsed.segments, split_path(parsed.path));
    GYRE_TRY_ASSIGN(parsed.query, parse_form(target.substr(std::min(end + 1, target.size()))));
    return parsed;
}

std::string percent_encode(std::string_view text, bool keep_slashes) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    static constexpr std::string_view marks = "-._~";
    std::string out;
    for (const char c : text) {
        if (is_letter_or_digit(c) || marks.find(c) != std::string_view::npos || (keep_slashes && c == '/')) {
            out += c;
        } else {
            out += '%';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return out;
}

}  // namespace gyre::httpd
