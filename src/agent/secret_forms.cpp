#include "agent/secret_forms.h"

#include <algorithm>
#include <cstdio>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/utf8.h"

namespace gyre::agent {
namespace {

// Encodings of longer values than this are masked only plain and in base64: the automaton must stay small.
constexpr std::size_t longest_for_all_forms = 16 << 10;
// Of such values also what fewer tools make of them.
constexpr std::size_t longest_for_rare_forms = 1 << 10;
// Ends of base64 lines shorter than this say too little, and match too much.
constexpr std::size_t shortest_base64 = 6;

void add(std::vector<std::string>& forms, std::string form, std::size_t shortest = shortest_secret) {
    if (form.size() >= shortest) forms.push_back(std::move(form));
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

// What `base64` of any text that contains the value has in it, whatever stands around the value: the characters that
// depend on the value's bits alone, for each of the three places at which it may start in a group of three bytes.
void add_base64(std::vector<std::string>& forms, std::string_view value) {
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string encoded = to_base64(std::string(before, '\0') + std::string(value));
        const std::size_t first = (before * 8 + 5) / 6;
        const std::size_t end = (before + value.size()) * 8 / 6;
        const std::string core = encoded.substr(first, end - first);
        add(forms, core, shortest_base64);
        std::string url_safe = core;
        std::replace(url_safe.begin(), url_safe.end(), '+', '-');
        std::replace(url_safe.begin(), url_safe.end(), '/', '_');
        add(forms, url_safe, shortest_base64);
    }
    // The lines into which `base64` (76) and PEM writers (64) break a long value that they encode alone.
    const std::string whole = to_base64(value);
    for (const std::size_t width : {std::size_t{76}, std::size_t{64}}) {
        if (whole.size() <= width) continue;
        for (std::size_t at = 0; at < whole.size(); at += width) add(forms, whole.substr(at, width), 8);
    }
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

std::string percent_encoded(std::string_view value, std::string_view digits, std::string_view plain,
                            bool plus_for_space) {
    std::string text;
    for (const char c : value) {
        if (is_letter_or_digit(c) || plain.find(c) != std::string_view::npos) {
            text += c;
        } else if (c == ' ' && plus_for_space) {
            text += '+';
        } else {
            const auto byte = static_cast<unsigned char>(c);
            text += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return text;
}

std::string json_escaped(std::string_view value, bool escape_slash) {
    std::string text;
    for (const char c : value) {
        switch (c) {
            case '"':
                text += "\\\"";
                break;
            case '\\':
                text += "\\\\";
                break;
            case '\n':
                text += "\\n";
                break;
            case '\r':
                text += "\\r";
                break;
            case '\t':
                text += "\\t";
                break;
            case '/':
                text += escape_slash ? "\\/" : "/";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    char code[8];
                    std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
                    text += code;
                } else {
                    text += c;
                }
        }
    }
    return text;
}

// As Python and others write it for readers of ASCII alone.
std::string json_in_ascii(std::string_view value) {
    std::string text;
    while (!value.empty()) {
        const Utf8Character next = decode_utf8(value);
        if (next.number < 0x80 || next.size == 0) {
            text += json_escaped(value.substr(0, 1), false);
            value.remove_prefix(1);
            continue;
        }
        const auto add_unit = [&](std::uint32_t unit) {
            text += "\\u";
            for (int shift = 12; shift >= 0; shift -= 4) text += "0123456789abcdef"[unit >> shift & 15U];
        };
        if (next.number >= 0x10000) {
            add_unit(0xD800 + ((next.number - 0x10000) >> 10));
            add_unit(0xDC00 + ((next.number - 0x10000) & 0x3FF));
        } else {
            add_unit(next.number);
        }
        value.remove_prefix(next.size);
    }
    return text;
}

// As bash's `declare -p` and `export -p` write it between double quotes.
std::string double_quoted(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (std::string_view("\"\\$`").find(c) != std::string_view::npos) text += '\\';
        text += c;
    }
    return text;
}

// As bash's `printf %q` and its completion write a word without control characters.
std::string backslash_quoted(std::string_view value) {
    constexpr std::string_view special = " '\"\\|&;()<>!{}*[]?^$`,";
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool begins_a_path = i == 0 || value[i - 1] == ':' || value[i - 1] == '=';
        const bool here = (value[i] == '#' && i == 0) || (value[i] == '~' && begins_a_path);
        if (here || special.find(value[i]) != std::string_view::npos) text += '\\';
        text += value[i];
    }
    return text;
}

// The same of a word with control characters, or with others than those of ASCII where the locale is C: inside $'...'.
std::string dollar_quoted(std::string_view value, bool ascii_only) {
    constexpr std::string_view named = "\a\b\t\n\v\f\r\x1b'\\";
    constexpr std::string_view letters = "abtnvfrE'\\";
    std::string text;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (const auto at = named.find(c); at != std::string_view::npos) {
            text += {'\\', letters[at]};
        } else if (byte < 0x20 || byte == 0x7f || (ascii_only && byte > 0x7f)) {
            char code[5];
            std::snprintf(code, sizeof code, "\\%03o", static_cast<unsigned>(byte));
            text += code;
        } else {
            text += c;
        }
    }
    return text;
}

// As templates and html.escape() write it: of "'" each has a code of its own.
std::string html_escaped(std::string_view value, std::string_view double_quote, std::string_view quote) {
    std::string text;
    for (const char c : value) {
        if (c == '&') {
            text += "&amp;";
        } else if (c == '<') {
            text += "&lt;";
        } else if (c == '>') {
            text += "&gt;";
        } else if (c == '"') {
            text += double_quote;
        } else if (c == '\'') {
            text += quote;
        } else {
            text += c;
        }
    }
    return text;
}

// Each byte after a mark, as openssl prints them and od where they fit into one line, or as escapes. What stands before
// the first is no part of it.
std::string marked_hex(std::string_view value, std::string_view mark, bool in_capitals) {
    std::string text;
    for (const char& c : value) {
        const auto digits = to_hex({&c, 1});
        text.append(text.empty() ? "" : mark).append(in_capitals ? upper(digits) : digits);
    }
    return text;
}

// What tools make of a part as readily as of the whole.
void add_hex_and_percent(std::vector<std::string>& forms, std::string_view value) {
    add(forms, to_hex(value));
    add(forms, upper(to_hex(value)));
    // encodeURIComponent leaves more characters as they are than RFC 3986 does; forms have + for a space.
    for (const std::string_view plain :
         {std::string_view("-._~"), std::string_view("-._~!*'()"), std::string_view("-._*")}) {
        for (const std::string_view digits :
             {std::string_view("0123456789ABCDEF"), std::string_view("0123456789abcdef")}) {
            add(forms, percent_encoded(value, digits, plain, false));
            add(forms, percent_encoded(value, digits, plain, true));
        }
    }
}

// Paths in addresses keep "/" (Python), whole addresses more (encodeURI), and .NET leaves brackets.
void add_rare_forms(std::vector<std::string>& forms, std::string_view value) {
    for (const std::string_view plain :
         {std::string_view("-._~/"), std::string_view("-._~!*'();/?:@&=+$,#"), std::string_view("-_.!*()")}) {
        for (const std::string_view digits :
             {std::string_view("0123456789ABCDEF"), std::string_view("0123456789abcdef")}) {
            add(forms, percent_encoded(value, digits, plain, false));
            add(forms, percent_encoded(value, digits, plain, true));
        }
    }
    add(forms, json_in_ascii(value));
    add(forms, json_escaped(json_escaped(value, false), false));
    add(forms, json_escaped(json_in_ascii(value), false));
    add(forms, double_quoted(value));
    for (const char* quote : {"'", "&#39;", "&#039;", "&#x27;"}) add(forms, html_escaped(value, "&quot;", quote));
    add(forms, html_escaped(value, "&#34;", "&#39;"));
    add(forms, html_escaped(value, "\"", "'"));
    for (const char* mark : {" ", ":", "%", "\\x", "\\u00"}) {
        add(forms, marked_hex(value, mark, false));
        add(forms, marked_hex(value, mark, true));
    }
}

// Each line is masked for itself: of a key that is printed in part, the part shows else.
void add_lines(std::vector<std::string>& forms, std::string_view value) {
    const bool encoded = value.size() <= longest_for_all_forms;
    while (!value.empty()) {
        const auto end = value.find('\n');
        const auto line = trimmed(value.substr(0, end));
        add(forms, std::string(line));
        if (encoded && line.size() >= shortest_secret) add_hex_and_percent(forms, line);
        if (end == std::string_view::npos) break;
        value.remove_prefix(end + 1);
    }
}

void add_encodings(std::vector<std::string>& forms, std::string_view value) {
    add_hex_and_percent(forms, value);
    add(forms, json_escaped(value, false));
    add(forms, json_escaped(value, true));
    add(forms, replaced(std::string(value), "'", "'\\''"));
    add(forms, replaced(std::string(value), "'", "'\"'\"'"));
    add(forms, backslash_quoted(value));
    add(forms, dollar_quoted(value, false));
    add(forms, dollar_quoted(value, true));
}

}  // namespace

std::vector<std::string> secret_forms(std::string_view value) {
    std::vector<std::string> forms;
    if (value.size() < shortest_secret) return forms;
    add(forms, std::string(value));
    const std::string_view bare = trimmed(value.substr(0, value.find_last_not_of('\n') + 1));
    add(forms, std::string(bare));
    add_lines(forms, value);
    if (bare.size() >= shortest_secret) add_base64(forms, bare);
    if (bare.size() >= shortest_secret && bare.size() <= longest_for_all_forms) add_encodings(forms, bare);
    if (bare.size() >= shortest_secret && bare.size() <= longest_for_rare_forms) add_rare_forms(forms, bare);
    std::sort(forms.begin(), forms.end());
    forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    return forms;
}

std::vector<std::string> secret_forms(const Environment& secrets) {
    std::vector<std::string> all;
    for (const auto& secret : secrets) {
        auto forms = secret_forms(secret.value);
        all.insert(all.end(), std::make_move_iterator(forms.begin()), std::make_move_iterator(forms.end()));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

}  // namespace gyre::agent
