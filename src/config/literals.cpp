#include "config/literals.h"

#include <algorithm>
#include <array>
#include <set>

#include "config/duration.h"

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
constexpr std::string_view private_key = "-----BEGIN ";
constexpr std::array<std::string_view, 8> telling_words{"PASSWORD", "PASSWD", "SECRET",      "TOKEN",
                                                        "API_KEY",  "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"};
// TOKEN_URL, SECRET_NAME: not the thing itself.
constexpr std::array<std::string_view, 8> harmless_ends{"_URL",  "_URI", "_FILE", "_PATH",
                                                        "_NAME", "_ID",  "_TYPE", "_VAR"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_token_character(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }

bool is_token(std::string_view word) {
    return std::any_of(token_kinds.begin(), token_kinds.end(), [&](const TokenKind& kind) {
        return word.starts_with(kind.start) && word.size() >= kind.start.size() + kind.length;
    });
}

// The first token in the text, or nothing. A token is a whole word, so each word is looked at once.
std::string_view find_token(std::string_view text) {
    const auto in_token = &is_token_character;
    for (auto begin = std::find_if(text.begin(), text.end(), in_token); begin != text.end();) {
        const auto end = std::find_if_not(begin, text.end(), in_token);
        const std::string_view word(begin, end);
        if (is_token(word)) return word;
        begin = std::find_if(end, text.end(), in_token);
    }
    return {};
}

bool has_private_key(std::string_view text) {
    const auto key = text.find(private_key);
    return key != std::string_view::npos && text.find("PRIVATE KEY-----", key) != std::string_view::npos;
}

bool names_a_secret(std::string_view name) {
    std::string upper(name);
    for (char& c : upper) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == '-') c = '_';
    }
    const auto ends = [&](std::string_view end) { return upper.ends_with(end); };
    const auto contains = [&](std::string_view word) { return upper.find(word) != std::string::npos; };
    return std::any_of(telling_words.begin(), telling_words.end(), contains) &&
           std::none_of(harmless_ends.begin(), harmless_ends.end(), ends);
}

// Letters and digits, mixed as nobody types them.
bool is_random(std::string_view value) {
    if (value.size() < shortest_secret) return false;
    const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; });
    const bool mixed =
        std::any_of(value.begin(), value.end(), is_letter) && std::any_of(value.begin(), value.end(), is_digit);
    return printable && mixed && std::set<char>(value.begin(), value.end()).size() >= fewest_characters;
}

// A variable of the shell or of a template, a reference, a path or an address.
bool stands_for_something(std::string_view value) {
    return value.find('$') != std::string_view::npos || value.find("<<") != std::string_view::npos ||
           value.find("{{") != std::string_view::npos || value.find("://") != std::string_view::npos ||
           value.starts_with('/') || value.starts_with('.') || value.starts_with('~');
}

void warn_secret(Context& context, const Node& value, std::string_view name) {
    const std::string_view token = find_token(value.text);
    const bool whole = token.size() == value.text.size() || token.empty();
    context.warn({.code = Code::secret_literal,
                  .at = context.part_of({&value}, token),
                  .message = (name.empty() || !whole ? "this" : "the value of '" + clipped(name, 60) + "'") +
                             " looks like a secret, and everybody who reads the config can read it",
                  .expected = "a variable of a context or of the project, used as $NAME"});
}

// Unchanging, as far as the text tells: references may stand for anything.
bool never_changes(std::string_view key) {
    for (const std::string_view part : {"<<", "checksum", "epoch", ".Revision", ".BuildNum", ".Environment"}) {
        if (key.find(part) != std::string_view::npos) return false;
    }
    return true;
}

void check_cache(Context& context, const Node& save) {
    const Entry* key = save.kind == NodeKind::mapping ? save.find("key") : nullptr;
    if (key == nullptr || key->value.node->kind != NodeKind::scalar || !never_changes(key->value.node->text)) return;
    context.warn({.code = Code::cache_key_without_checksum,
                  .at = {key->value.node},
                  .message = "a cache is never written again under a key that stays the same",
                  .expected = "{{ checksum \"file\" }} in it, of the file that decides what is in the cache"});
}

void check_timeout(Context& context, const Node& value) {
    const auto duration = value.kind == NodeKind::scalar ? parse_duration(value.text) : std::nullopt;
    if (!duration || duration->milliseconds <= longest_job_ms) return;
    context.warn({.code = Code::timeout_above_limit,
                  .at = {&value},
                  .message = "'no_output_timeout' is longer than a job may take (5 hours, unless the server's settings "
                             "say otherwise)",
                  .expected = "5h or less"});
}

void check_entry(Context& context, const Node& mapping, const Entry& entry) {
    const Node& value = *entry.value.node;
    const std::string_view key = entry.key->text;
    if (key == "save_cache" || key == "save-cache") check_cache(context, value);
    if (key == "no_output_timeout") check_timeout(context, value);
    if (value.kind != NodeKind::scalar) return;
    const bool of_registry = key == "password" && mapping.find("username") != nullptr && !value.text.empty() &&
                             !stands_for_something(value.text);
    if (of_registry || looks_secret(key, value.text)) warn_secret(context, value, key);
}

}  // namespace

bool looks_secret(std::string_view name, std::string_view value) {
    if (!find_token(value).empty() || has_private_key(value)) return true;
    return is_random(value) && !stands_for_something(value) && names_a_secret(name);
}

void check_literals(Context& context, const Document& document) {
    for (const Node& node : document.nodes) {
        if (context.has_warned_enough()) return;
        for (const Entry& entry : node.entries) {
            if (entry.merge == nullptr) check_entry(context, node, entry);
        }
        for (const Item& item : node.items) {
            const Node& value = *item.node;
            if (value.kind == NodeKind::scalar && looks_secret({}, value.text)) warn_secret(context, value, "");
        }
    }
}

}  // namespace gyre::config
