#include "output/document.h"

#include <algorithm>

namespace gyre::output {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Character {
    std::size_t length = 0;  // bytes to take
    bool valid = false;
    bool cut = false;  // the bytes end inside it
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The range of the second byte keeps out overlong forms, surrogates and what is beyond U+10FFFF.
bool fits_second(unsigned char first, unsigned char second) {
    switch (first) {
        case 0xE0:
            return second >= 0xA0;
        case 0xED:
            return second <= 0x9F;
        case 0xF0:
            return second >= 0x90;
        case 0xF4:
            return second <= 0x8F;
        default:
            return true;
    }
}

Character next_character(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return {1, true, false};
    const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                               : first >= 0xE0 && first <= 0xEF ? 3
                               : first >= 0xF0 && first <= 0xF4 ? 4
                                                                : 0;
    if (length == 0) return {1, false, false};
    for (std::size_t i = 1; i < length; ++i) {
        if (i == text.size()) return {i, false, true};
        const bool fits =
            is_continuation(text[i]) && (i > 1 || fits_second(first, static_cast<unsigned char>(text[1])));
        if (!fits) return {i, false, false};
    }
    return {length, true, false};
}

void append_escaped(std::string& out, char c) {
    static constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
        out += c;
        return;
    }
    out += "\\u00";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

}  // namespace

std::string Document::begin(Timestamp time) { return R"([{"type":"out","time":")" + to_iso(time) + R"(","message":")"; }

std::string Document::add(std::string_view bytes) {
    std::string joined;
    if (!rest_.empty()) {
        joined = rest_ + std::string(bytes);
        bytes = joined;
        rest_.clear();
    }
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 16);
    while (!bytes.empty()) {
        const auto character = next_character(bytes);
        if (character.cut) {
            rest_ = std::string(bytes);
            break;
        }
        if (!character.valid) {
            out += replacement;
        } else if (character.length == 1) {
            append_escaped(out, bytes[0]);
        } else {
            out += bytes.substr(0, character.length);
        }
        bytes.remove_prefix(character.length);
    }
    return out;
}

std::string Document::end() {
    const bool cut = !rest_.empty();
    rest_.clear();
    return (cut ? std::string(replacement) : std::string()) + R"("}])";
}

}  // namespace gyre::output
