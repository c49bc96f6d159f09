#include "agent/xml_characters.h"

#include <charconv>
#include <utility>

#include "base/ascii.h"

namespace gyre::agent {
namespace {

constexpr std::size_t longest_reference = 12;  // "&#x0010ffff;"
constexpr std::string_view cdata_begin = "<![CDATA[";
constexpr std::string_view comment_begin = "<!--";

bool is_control(std::uint32_t code) { return code < 0x20 && code != '\t' && code != '\n' && code != '\r'; }

bool is_character(std::uint32_t code) {
    return !is_control(code) && (code < 0xd800 || code > 0xdfff) && code != 0xfffe && code != 0xffff;
}

bool may_go_on(char byte) { return is_letter_or_digit(byte) || byte == '#'; }

bool is_known_name(std::string_view reference) {
    for (const char* known : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
        if (reference == known) return true;
    }
    return false;
}

// What a runner forgot to escape.
std::string with_its_and_escaped(std::string reference) { return reference.insert(1, "amp;"); }

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
    if (!reference_.empty()) {
        if (byte == ';') return end_reference(to);
        if (may_go_on(byte) && reference_.size() < longest_reference) {
            reference_ += byte;
            return;
        }
        to += with_its_and_escaped(std::exchange(reference_, {}));
    }
    find_where(byte);
    if (byte == '&' && within_ == Within::text) {
        reference_ = byte;
        return;
    }
    // A NUL is no slip of a runner's: the parser refuses it.
    to += is_control(static_cast<unsigned char>(byte)) && byte != '\0' ? '?' : byte;
}

void XmlCharacters::end_reference(std::string& to) {
    std::string reference = std::exchange(reference_, {}) + ';';
    if (reference.starts_with("&#")) {
        to += is_character(code_of(reference)) ? reference : "?";
    } else {
        to += is_known_name(reference) ? reference : with_its_and_escaped(std::move(reference));
    }
}

void XmlCharacters::find_where(char byte) {
    if (within_ != Within::text) {
        if (byte == '>' && closing_ >= 2) within_ = Within::text;
        closing_ = byte == (within_ == Within::cdata ? ']' : '-') ? closing_ + 1 : 0;
        return;
    }
    if (byte == '<') mark_.clear();
    if (byte != '<' && mark_.empty()) return;
    mark_ += byte;
    if (mark_ == cdata_begin || mark_ == comment_begin) {
        within_ = mark_ == cdata_begin ? Within::cdata : Within::comment;
        mark_.clear();
    } else if (!cdata_begin.starts_with(mark_) && !comment_begin.starts_with(mark_)) {
        mark_.clear();
    }
}

std::string XmlCharacters::finish() {
    return reference_.empty() ? std::string() : with_its_and_escaped(std::exchange(reference_, {}));
}

}  // namespace gyre::agent
