#include "base/utf8.h"

namespace gyre {
namespace {

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

}  // namespace

Utf8Character decode_utf8(std::string_view text) {
    if (text.empty()) return {};
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) return {first, 1};
    if (first < 0xc2 || first > 0xf4) return {};
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    std::uint32_t number = first & (0x7fU >> size);
    for (std::size_t at = 1; at < size; ++at) {
        if (!continues(text, at)) return {};
        number = number << 6 | (static_cast<unsigned char>(text[at]) & 0x3fU);
    }
    const bool overlong = (size == 3 && number < 0x800) || (size == 4 && number < 0x10000);
    const bool surrogate = number >= 0xd800 && number <= 0xdfff;
    return overlong || surrogate || number > 0x10ffff ? Utf8Character{} : Utf8Character{number, size};
}

std::string valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = decode_utf8(bytes.substr(at)).size;
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
        const std::size_t size = decode_utf8(bytes.substr(at)).size;
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
