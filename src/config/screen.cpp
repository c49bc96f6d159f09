#include "config/screen.h"

#include <array>
#include <cstdio>

#include "config/read.h"

namespace gyre::config {
namespace {

struct Decoded {
    char32_t character = 0;
    std::size_t bytes = 0;  // 0: not UTF-8
};

// One character of UTF-8 at `at`; overlong forms, surrogates and values above U+10FFFF are not UTF-8.
Decoded decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) return {first, 1};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {};
    char32_t character = first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U) return {};
        character = (character << 6U) | (byte(at + i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < least[length] || character > 0x10FFFF || surrogate) return {};
    return {character, length};
}

bool printable(char32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) || c == 0x85 ||
           (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
}

// What needs no second look: most of any text.
constexpr auto is_plain_byte = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0x20; i < 0x7F; ++i) table[i] = true;
    table['\t'] = table['\n'] = table['\r'] = true;
    return table;
}();

std::string hexadecimal(char32_t c) {
    std::array<char, 16> text{};
    const int length = std::snprintf(text.data(), text.size(), "%04X", static_cast<unsigned>(c));
    return {text.data(), static_cast<std::size_t>(length)};
}

Diagnostic bad_byte(const Source& source, std::uint32_t at) {
    const auto byte = static_cast<unsigned char>(source.text()[at]);
    auto found = diagnose(source, Code::bad_encoding, {at, at + 1},
                          "the file is not UTF-8: byte 0x" + hexadecimal(byte).substr(2) + " cannot stand here");
    found.expected = "a text in UTF-8";
    found.excerpt.clear();  // would not be text either
    return found;
}

}  // namespace

std::optional<Diagnostic> screen(const Source& source, std::size_t max_bytes) {
    const std::string_view text = source.text();
    if (text.size() > max_bytes) {
        auto found = diagnose(source, Code::too_large, {0, 0},
                              "the config has more than " + std::to_string(max_bytes) + " bytes, the limit");
        found.excerpt.clear();
        return found;
    }
    for (std::size_t at = 0; at < text.size();) {
        if (is_plain_byte[static_cast<unsigned char>(text[at])]) {
            ++at;
            continue;
        }
        const Decoded next = decode(text, at);
        const auto begin = static_cast<std::uint32_t>(at);
        if (next.bytes == 0) return bad_byte(source, begin);
        if (!printable(next.character)) {
            return diagnose(source, Code::control_character, {begin, begin + static_cast<std::uint32_t>(next.bytes)},
                            "the control character U+" + hexadecimal(next.character) + " cannot stand in YAML" +
                                (next.character == 0 ? " (is the file UTF-16 or binary?)" : ""));
        }
        at += next.bytes;
    }
    return std::nullopt;
}

}  // namespace gyre::config
