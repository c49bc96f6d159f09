#include "base/terminal_text.h"

#include <algorithm>
#include <cstdint>

#include "base/utf8.h"

namespace gyre {
namespace {

void add_code(std::string& shown, std::string_view kind, std::uint32_t number, unsigned digits) {
    shown += kind;
    while (digits-- > 0) shown += "0123456789abcdef"[number >> 4 * digits & 0xFU];
}

bool is_control(std::uint32_t character) { return character < 0x20 || (character >= 0x7F && character < 0xA0); }

bool misleads(std::uint32_t character) {
    return (character >= 0x2028 && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

}  // namespace

std::string terminal_text(std::string_view bytes) {
    std::string shown;
    shown.reserve(bytes.size());
    while (!bytes.empty()) {
        const Utf8Character next = decode_utf8(bytes);
        const std::size_t size = std::max<std::size_t>(1, next.size);
        if (next.size == 0) {
            add_code(shown, "\\x", static_cast<unsigned char>(bytes.front()), 2);
        } else if (is_control(next.number) && next.number != '\n' && next.number != '\t') {
            add_code(shown, "\\x", next.number, 2);
        } else if (misleads(next.number)) {
            add_code(shown, "\\u", next.number, 4);
        } else {
            shown += bytes.substr(0, size);
        }
        bytes.remove_prefix(size);
    }
    return shown;
}

std::string terminal_line(std::string_view bytes) {
    std::string shown;
    for (const char c : terminal_text(bytes)) {
        if (c == '\n') {
            shown += "\\n";
        } else if (c == '\t') {
            shown += "\\x09";
        } else {
            shown += c;
        }
    }
    return shown;
}

}  // namespace gyre
