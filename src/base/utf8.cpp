#include "base/utf8.h"

#include <cstdint>

namespace gyre {
namespace {

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// Bytes of the character at `at`; 0 when it is none (also overlong forms, surrogates, beyond U+10FFFF).
std::size_t character_size(std::string_view text, std::size_t at) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4) return 0;
    std::uint32_t code = first & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if (!continues(text, at + i)) return 0;
        code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3f);
    }
    if ((size == 3 && code < 0x800) || (size == 4 && (code < 0x10000 || code > 0x10ffff))) return 0;
    return code >= 0xd800 && code <= 0xdfff ? 0 : size;
}

}  // namespace

std::string valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = character_size(bytes, at);
        text += size == 0 ? std::string_view("\xef\xbf\xbd") : bytes.substr(at, size);
        at += size == 0 ? 1 : size;
    }
    return text;
}

std::string escaped_utf8(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = character_size(bytes, at);
        const auto byte = static_cast<unsigned char>(bytes[at]);
        if (size == 0) text.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
        text.append(bytes.substr(at, size));
        at += size == 0 ? 1 : size;
    }
    return text;
}

std::string_view cut_utf8(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && continues(text, most)) --most;
    return text.substr(0, most);
}

}  // namespace gyre
