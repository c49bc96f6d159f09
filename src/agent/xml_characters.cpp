#include "agent/xml_characters.h"

#include <charconv>
#include <utility>

namespace gyre::agent {
namespace {

constexpr std::size_t longest_reference = 12;  // "&#x0010ffff;"

bool is_control(std::uint32_t code) { return code < 0x20 && code != '\t' && code != '\n' && code != '\r'; }

bool is_character(std::uint32_t code) {
    return !is_control(code) && (code < 0xd800 || code > 0xdfff) && code != 0xfffe && code != 0xffff;
}

// "&#27;" or "&#x1b;" -> 27. What is no number is a name, or the parser's to refuse: it counts as a space.
std::uint32_t code_of(std::string_view reference) {
    reference.remove_prefix(2);
    reference.remove_suffix(1);
    const bool is_hex = reference.starts_with('x');
    if (is_hex) reference.remove_prefix(1);
    std::uint32_t code = 0;
    const auto* end = reference.data() + reference.size();
    const auto read = std::from_chars(reference.data(), end, code, is_hex ? 16 : 10);
    return read.ec == std::errc{} && read.ptr == end ? code : ' ';
}

}  // namespace

std::string XmlCharacters::replace(std::string_view bytes) {
    constexpr std::size_t telling = 2;
    if (first_.size() < telling) {
        first_ += bytes.substr(0, telling - first_.size());
        is_wide_ = first_.find('\0') != std::string::npos || first_ == "\xfe\xff" || first_ == "\xff\xfe";
    }
    if (is_wide_) return std::exchange(reference_, {}) + std::string(bytes);
    std::string clean;
    clean.reserve(bytes.size());
    for (const char byte : bytes) take(byte, clean);
    return clean;
}

void XmlCharacters::take(char byte, std::string& to) {
    if (byte == '&' || reference_.size() >= longest_reference) to += std::exchange(reference_, {});
    if (byte == '&' || !reference_.empty()) {
        reference_ += byte;
        const bool is_reference = reference_.size() < 2 || reference_[1] == '#';
        if (is_reference && byte != ';') return;
        if (is_reference && !is_character(code_of(reference_))) reference_ = "?";
        to += std::exchange(reference_, {});
        return;
    }
    // A NUL is no slip of a runner's: the parser refuses it.
    to += is_control(static_cast<unsigned char>(byte)) && byte != '\0' ? '?' : byte;
}

std::string XmlCharacters::finish() { return std::exchange(reference_, {}); }

}  // namespace gyre::agent
