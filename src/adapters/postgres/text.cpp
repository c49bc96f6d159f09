#include "adapters/postgres/text.h"

#include <cstdint>

#include "base/utf8.h"

namespace gyre::postgres {
namespace {

constexpr std::uint32_t first_escape = 0x10FF00;
constexpr std::uint32_t last_character = 0x10FFFF;
constexpr std::size_t escape_length = 4;  // bytes of such a character

bool continues(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

void write(std::string& to, std::uint32_t number) {
    const auto put = [&](std::uint32_t bits) { to += static_cast<char>(bits); };
    if (number < 0x80) return put(number);
    if (number < 0x800) {
        put(0xC0 | (number >> 6));
    } else if (number < 0x10000) {
        put(0xE0 | (number >> 12));
        put(0x80 | ((number >> 6) & 0x3F));
    } else {
        put(0xF0 | (number >> 18));
        put(0x80 | ((number >> 12) & 0x3F));
        put(0x80 | ((number >> 6) & 0x3F));
    }
    put(0x80 | (number & 0x3F));
}

bool is_kept(const Utf8Character& character) {
    return character.size > 0 && character.number != 0 && character.number < first_escape;
}

}  // namespace

bool is_plain(std::string_view text) {
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        if (!is_kept(character)) return false;
        text.remove_prefix(character.size);
    }
    return true;
}

std::string stored_form(std::string_view text) {
    std::string stored;
    stored.reserve(text.size());
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        if (is_kept(character)) {
            stored += text.substr(0, character.size);
            text.remove_prefix(character.size);
        } else {
            write(stored, first_escape + static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        }
    }
    return stored;
}

std::string original_form(std::string_view stored) {
    std::string text;
    text.reserve(stored.size());
    while (!stored.empty()) {
        const auto character = decode_utf8(stored);
        if (character.size == escape_length && character.number >= first_escape) {
            text += static_cast<char>(character.number - first_escape);
        } else {
            text += stored.substr(0, character.size == 0 ? 1 : character.size);
        }
        stored.remove_prefix(character.size == 0 ? 1 : character.size);
    }
    return text;
}

std::optional<std::string> after_prefix(std::string_view stored) {
    while (!stored.empty()) {
        std::size_t last = stored.size() - 1;
        while (last > 0 && continues(stored, last)) --last;
        const auto character = decode_utf8(stored.substr(last));
        stored.remove_suffix(stored.size() - last);
        if (character.number == last_character) continue;
        std::string after(stored);
        write(after, character.number == 0xD7FF ? 0xE000 : character.number + 1);
        return after;
    }
    return std::nullopt;
}

}  // namespace gyre::postgres
