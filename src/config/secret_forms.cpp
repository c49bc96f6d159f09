#include "config/secret_forms.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "base/ascii.h"

namespace gyre::config {
namespace {

constexpr std::size_t shortest_secret = 12;   // bytes
constexpr std::size_t fewest_characters = 8;  // different ones, in a value that nobody chose by hand

// How the tokens of well-known services start; what follows is at least `length` letters, digits, '_' and '-'.
struct TokenKind {
    std::string_view start;
    std::size_t length;
};
constexpr std::array token_kinds{
    TokenKind{"ghp_", 36},        TokenKind{"gho_", 36},    TokenKind{"ghs_", 36},  TokenKind{"ghr_", 36},
    TokenKind{"github_pat_", 22}, TokenKind{"glpat-", 20},  TokenKind{"xoxb-", 20}, TokenKind{"xoxp-", 20},
    TokenKind{"AKIA", 16},        TokenKind{"npm_", 36},    TokenKind{"pypi-", 32}, TokenKind{"sk_live_", 20},
    TokenKind{"dckr_pat_", 20},   TokenKind{"CCIPAT_", 30},
};
constexpr std::size_t shortest_token = [] {
    std::size_t least = std::string_view::npos;
    for (const TokenKind& kind : token_kinds) least = std::min(least, kind.start.size() + kind.length);
    return least;
}();
constexpr std::string_view key_begins = "-----BEGIN";
constexpr std::string_view key_header = "PRIVATE KEY-----";
constexpr std::array<std::string_view, 8> telling_words{"PASSWORD", "PASSWD", "SECRET",      "TOKEN",
                                                        "API_KEY",  "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"};
// TOKEN_URL, SECRET_NAME: not the thing itself.
constexpr std::array<std::string_view, 8> harmless_ends{"_URL",  "_URI", "_FILE", "_PATH",
                                                        "_NAME", "_ID",  "_TYPE", "_VAR"};

// With one of these in it, a password is of a test.
constexpr std::array<std::string_view, 8> guessable{"PASS",    "TEST",   "SECRET", "ADMIN",
                                                    "EXAMPLE", "CHANGE", "DUMMY",  "1234"};

// The beginning of `text` as far as it is of letters, digits and `others`.
std::string_view run_of(std::string_view text, std::string_view others) {
    const auto belongs = [&](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; };
    return {text.begin(), std::find_if_not(text.begin(), text.end(), belongs)};
}

// Case, and '-' against '_', count nothing.
bool is_spelled(char written, char upper) {
    const bool is_lower = written >= 'a' && written <= 'z';
    return (is_lower ? written - 'a' + 'A' : written == '-' ? '_' : written) == upper;
}
bool begins_with(std::string_view name, std::string_view upper) {
    return name.size() >= upper.size() &&
           std::equal(name.begin(), name.begin() + upper.size(), upper.begin(), is_spelled);
}

constexpr auto begins_telling_word = [] {
    std::array<bool, 256> table{};
    for (const std::string_view word : telling_words) {
        table[static_cast<std::size_t>(word.front())] = true;
        table[static_cast<std::size_t>(word.front() - 'A' + 'a')] = true;
    }
    return table;
}();

bool has(std::string_view text, std::string_view upper) {
    for (std::size_t at = 0; at + upper.size() <= text.size(); ++at) {
        if (begins_with(text.substr(at), upper)) return true;
    }
    return false;
}

bool is_mixed(std::string_view value) {
    return std::any_of(value.begin(), value.end(), is_letter) && std::any_of(value.begin(), value.end(), is_digit);
}

// A password that a person would take for something that matters.
bool is_chosen_well(std::string_view password) {
    constexpr std::size_t shortest = 8;
    return password.size() >= shortest && is_mixed(password) &&
           std::none_of(guessable.begin(), guessable.end(), [&](std::string_view word) { return has(password, word); });
}

bool is_token(std::string_view word) {
    return word.size() >= shortest_token &&
           std::any_of(token_kinds.begin(), token_kinds.end(), [&](const TokenKind& kind) {
               return word.starts_with(kind.start) && word.size() >= kind.start.size() + kind.length;
           });
}

// header.payload.signature, the first two of JSON. Reads no further than that: words may be many.
std::string_view web_token(std::string_view word, std::string_view rest) {
    constexpr std::size_t shortest_signature = 16;
    if (!word.starts_with("eyJ") || !rest.starts_with(".eyJ")) return {};
    const std::string_view payload = run_of(rest.substr(1), "-_");
    const std::string_view behind = rest.substr(1 + payload.size());
    if (!behind.starts_with('.')) return {};
    const std::string_view signature = run_of(behind.substr(1), "-_");
    if (signature.size() < shortest_signature) return {};
    return {word.data(), word.size() + 2 + payload.size() + signature.size()};
}

// Of an address without its scheme. Machines without a domain are such of a test.
std::string_view secret_in_address(std::string_view address) {
    const std::string_view authority = run_of(address, ":@.-_~%!*+,;=&^#");
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) return {};
    const std::string_view host = authority.substr(at + 1);
    const bool of_test = host.find('.') == std::string_view::npos || host.starts_with("127.") || host.starts_with("0.");
    return secret_of(authority.substr(0, at), of_test);
}

}  // namespace

bool is_random(std::string_view value) {
    if (value.size() < shortest_secret) return false;
    const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; });
    if (!printable || !is_mixed(value)) return false;
    std::bitset<128> characters;
    for (const char c : value) characters.set(static_cast<std::size_t>(c));
    return characters.count() >= fewest_characters;
}

bool stands_for_something(std::string_view value) {
    return value.find('$') != std::string_view::npos || value.find("<<") != std::string_view::npos ||
           value.find("{{") != std::string_view::npos || value.find("://") != std::string_view::npos ||
           value.starts_with('/') || value.starts_with('.') || value.starts_with('~');
}

bool has_private_key(std::string_view text) {
    const auto key = text.find(key_begins);
    return key != std::string_view::npos && text.find(key_header, key) != std::string_view::npos;
}

bool names_a_secret(std::string_view name) {
    const auto ends = [&](std::string_view end) {
        return name.size() >= end.size() && begins_with(name.substr(name.size() - end.size()), end);
    };
    for (std::size_t at = 0; at < name.size(); ++at) {
        if (!begins_telling_word[static_cast<unsigned char>(name[at])]) continue;
        const auto stands_here = [&](std::string_view word) { return begins_with(name.substr(at), word); };
        if (std::any_of(telling_words.begin(), telling_words.end(), stands_here))
            return std::none_of(harmless_ends.begin(), harmless_ends.end(), ends);
    }
    return false;
}

std::string_view secret_of(std::string_view credentials, bool of_test) {
    const auto colon = credentials.find(':');
    if (colon == std::string_view::npos || stands_for_something(credentials)) return {};
    const std::string_view user = credentials.substr(0, colon);
    const std::string_view password = credentials.substr(colon + 1);
    if (password.empty() || password == "x-oauth-basic") return is_random(user) ? user : std::string_view();
    if (is_random(password)) return password;
    const bool like_user = !user.empty() && password.starts_with(user);
    return of_test || like_user || !is_chosen_well(password) ? std::string_view() : password;
}

std::string_view secret_at(std::string_view word, std::string_view text) {
    if (is_token(word)) return word;
    const auto end = static_cast<std::size_t>(word.data() - text.data()) + word.size();
    const std::string_view rest = text.substr(end);
    if (rest.empty() || (rest.front() != ':' && rest.front() != '.' && rest.front() != ' ')) return {};
    if (rest.starts_with("://")) return secret_in_address(rest.substr(3));
    if (const auto token = web_token(word, rest); !token.empty()) return token;
    constexpr std::string_view slack = ".slack.com/services/";
    if (word == "hooks" && rest.starts_with(slack)) {
        const std::string_view path = run_of(rest.substr(slack.size()), "/");
        return is_random(path) ? path : std::string_view();
    }
    if ((word != "Bearer" && word != "bearer") || !rest.starts_with(' ')) return {};
    const std::string_view token = run_of(rest.substr(1), "-._~+/=");
    return is_random(token) ? token : std::string_view();
}

}  // namespace gyre::config
