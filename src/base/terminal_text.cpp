#include "base/terminal_text.h"

#include "base/utf8.h"

namespace gyre {
namespace {

void add_code(std::string& shown, unsigned char byte) {
    constexpr std::string_view digits = "0123456789abcdef";
    shown += "\\x";
    shown += digits[byte >> 4U];
    shown += digits[byte & 0xFU];
}

// U+0080 to U+009F are two bytes, of which the second is the character's number.
bool is_c1(std::string_view text, std::size_t at) {
    return text[at] == '\xc2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

}  // namespace

std::string terminal_text(std::string_view bytes) {
    const std::string text = escaped_utf8(bytes);
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool stays = byte == '\n' || byte == '\t';
        if (is_c1(text, at)) {
            add_code(shown, static_cast<unsigned char>(text[++at]));
        } else if ((byte < 0x20 && !stays) || byte == 0x7F) {
            add_code(shown, byte);
        } else {
            shown += text[at];
        }
    }
    return shown;
}

std::string terminal_line(std::string_view bytes) {
    std::string shown;
    for (const char c : terminal_text(bytes)) {
        if (c == '\n') {
            shown += "\\n";
        } else if (c == '\t') {
            add_code(shown, '\t');
        } else {
            shown += c;
        }
    }
    return shown;
}

}  // namespace gyre
