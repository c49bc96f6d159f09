#include "config/secrets.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_set>

#include "base/ascii.h"

namespace gyre::config {
namespace {

constexpr std::size_t shortest_secret = 12;   // bytes
constexpr std::size_t fewest_characters = 8;  // different ones, in a value that nobody chose by hand
constexpr std::size_t longest_header = 80;    // bytes of the first line of a private key

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
constexpr std::string_view key_ends = "-----END";
constexpr std::array<std::string_view, 8> telling_words{"PASSWORD", "PASSWD", "SECRET",      "TOKEN",
                                                        "API_KEY",  "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"};
// TOKEN_URL, SECRET_NAME: not the thing itself.
constexpr std::array<std::string_view, 8> harmless_ends{"_URL",  "_URI", "_FILE", "_PATH",
                                                        "_NAME", "_ID",  "_TYPE", "_VAR"};

// Asked for each byte of each text.
constexpr auto word_characters = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 128; ++i) {
        const char c = static_cast<char>(i);
        table[i] = is_letter_or_digit(c) || c == '_' || c == '-';
    }
    return table;
}();
bool is_word_character(char c) { return word_characters[static_cast<unsigned char>(c)]; }

// Letters and digits, mixed as nobody types them.
bool is_random(std::string_view value) {
    if (value.size() < shortest_secret) return false;
    const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7F; });
    const bool mixed =
        std::any_of(value.begin(), value.end(), is_letter) && std::any_of(value.begin(), value.end(), is_digit);
    if (!printable || !mixed) return false;
    std::bitset<128> characters;
    for (const char c : value) characters.set(static_cast<std::size_t>(c));
    return characters.count() >= fewest_characters;
}

// The beginning of `text` as far as it is of letters, digits and `others`.
std::string_view run_of(std::string_view text, std::string_view others) {
    const auto belongs = [&](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; };
    return {text.begin(), std::find_if_not(text.begin(), text.end(), belongs)};
}

// Of `user:password@host`, where the password is none that people choose for databases that live as long as a test.
std::string_view password_in(std::string_view address) {
    const std::string_view authority = run_of(address, ":@.-_~%!*+,;=");
    const auto at = authority.rfind('@');
    const auto colon = authority.find(':');
    if (at == std::string_view::npos || colon >= at) return {};
    const std::string_view password = authority.substr(colon + 1, at - colon - 1);
    return is_random(password) ? password : std::string_view();
}

bool is_token(std::string_view word) {
    return word.size() >= shortest_token &&
           std::any_of(token_kinds.begin(), token_kinds.end(), [&](const TokenKind& kind) {
               return word.starts_with(kind.start) && word.size() >= kind.start.size() + kind.length;
           });
}

// The first word at or after `from`, or the end of the text. Words touch no other, so each is looked at once.
std::string_view next_word(std::string_view text, std::size_t from) {
    const auto begin = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), is_word_character);
    return {begin, std::find_if_not(begin, text.end(), is_word_character)};
}

std::size_t end_of(std::string_view part, std::string_view text) {
    return static_cast<std::size_t>(part.data() - text.data()) + part.size();
}

// The secret that a word of the text is or announces, or nothing. It ends before the next `://`, blank or host.
std::string_view secret_at(std::string_view word, std::string_view text) {
    if (is_token(word)) return word;
    const std::string_view rest = text.substr(end_of(word, text));
    if (rest.empty() || (rest.front() != ':' && rest.front() != '.' && rest.front() != ' ')) return {};
    if (rest.starts_with("://")) return password_in(rest.substr(3));
    constexpr std::string_view slack = ".slack.com/services/";
    if (word == "hooks" && rest.starts_with(slack)) {
        const std::string_view path = run_of(rest.substr(slack.size()), "/");
        return is_random(path) ? path : std::string_view();
    }
    if ((word != "Bearer" && word != "bearer") || !rest.starts_with(' ')) return {};
    const std::string_view token = run_of(rest.substr(1), "-._~+/=");
    return is_random(token) ? token : std::string_view();
}

// The first token in the text, or nothing.
std::string_view find_token(std::string_view text) {
    for (auto word = next_word(text, 0); !word.empty(); word = next_word(text, end_of(word, text))) {
        if (const auto secret = secret_at(word, text); !secret.empty()) return secret;
    }
    return {};
}

bool has_private_key(std::string_view text) {
    const auto key = text.find(key_begins);
    return key != std::string_view::npos && text.find(key_header, key) != std::string_view::npos;
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

// A variable of the shell or of a template, a reference, a path or an address.
bool stands_for_something(std::string_view value) {
    return value.find('$') != std::string_view::npos || value.find("<<") != std::string_view::npos ||
           value.find("{{") != std::string_view::npos || value.find("://") != std::string_view::npos ||
           value.starts_with('/') || value.starts_with('.') || value.starts_with('~');
}

// Walks over a text word by word.
class TextScan {
public:
    explicit TextScan(std::string_view text) : text_(text) {}

    std::vector<Span> run() {
        for (auto word = next_word(text_, 0); !word.empty(); word = next_word(text_, at_)) look_at(word);
        return std::move(found_);
    }

private:
    void look_at(std::string_view word) {
        at_ = end_of(word, text_);
        if (const auto secret = secret_at(word, text_); !secret.empty()) {
            at_ = end_of(secret, text_);
            return add(at_ - secret.size(), at_);
        }
        if (word.ends_with(key_begins)) return look_at_key(at_ - key_begins.size());
        const std::size_t assigned = assigned_at(at_);
        if (assigned == std::string_view::npos || !names_a_secret(word)) return;
        const std::string_view value = value_at(assigned);
        if (value.empty()) return;
        at_ = end_of(value, text_);
        if (looks_secret(word, value)) add(at_ - value.size(), at_);
    }

    void look_at_key(std::size_t begin) {
        const std::string_view line = text_.substr(begin, longest_header);
        if (line.find(key_header) == std::string_view::npos) return;
        const std::size_t end = text_.find(key_ends, begin);
        at_ = end == std::string_view::npos ? text_.size() : end;
        add(begin, at_);
    }

    std::size_t behind_blanks(std::size_t at) const {
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
        return at;
    }

    // Where what is assigned to the name that ends here begins, if anything is: `name: value`, `"name": "value"`,
    // `name=value`.
    std::size_t assigned_at(std::size_t end) const {
        const std::size_t at = behind_blanks(is_quote(end) ? end + 1 : end);
        if (at == text_.size() || (text_[at] != ':' && text_[at] != '=')) return std::string_view::npos;
        return behind_blanks(at + 1);
    }

    std::string_view value_at(std::size_t at) const {
        if (is_quote(at)) {
            const char quote[] = {text_[at], '\n', '\0'};
            return text_.substr(at + 1, std::min(text_.find_first_of(quote, at + 1), text_.size()) - at - 1);
        }
        std::string_view value = text_.substr(at, std::min(text_.find_first_of(" \t\r\n", at), text_.size()) - at);
        while (!value.empty() && (value.back() == ',' || value.back() == '}' || value.back() == ']'))
            value.remove_suffix(1);
        return value;
    }

    bool is_quote(std::size_t at) const { return at < text_.size() && (text_[at] == '"' || text_[at] == '\''); }
    void add(std::size_t begin, std::size_t end) {
        found_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
    }

    std::string_view text_;
    std::size_t at_ = 0;  // behind what has been looked at
    std::vector<Span> found_;
};

// Walks over a tree value by value.
class TreeScan {
public:
    std::vector<Secret> run(const Document& document) {
        for (const Node& node : document.nodes) {
            for (const Entry& entry : node.entries) {
                if (entry.merge == nullptr && is_worth_it(entry.value)) look_at_entry(node, entry);
            }
            for (const Item& item : node.items) {
                if (is_worth_it(item)) look_at_item(*item.node);
            }
        }
        return std::move(found_);
    }

private:
    // What is long is looked at where it is written, not again for each alias: its name there matters less.
    static bool is_worth_it(const Item& item) {
        return item.node->kind == NodeKind::scalar && (item.alias == nullptr || item.node->text.size() < long_value);
    }

    void look_at_entry(const Node& mapping, const Entry& entry) {
        const Node& value = *entry.value.node;
        const bool of_registry = entry.key->text == "password" && !value.text.empty() &&
                                 mapping.find("username") != nullptr && !stands_for_something(value.text);
        if (of_registry) return add(value, entry.key->text, value.text);
        if (value.text.size() >= shortest_secret) look_at(value, entry.key->text);
    }

    // `NAME=value`, or a value without a name.
    void look_at_item(const Node& item) {
        const std::string_view text = item.text;
        if (text.size() < shortest_secret) return;
        const auto equals = std::min(text.find('='), text.size());
        const std::string_view name = text.substr(0, equals);
        const std::string_view value = text.substr(std::min(equals + 1, text.size()));
        if (is_random(value) && looks_secret(name, value) && find_token(value).empty()) return add(item, name, value);
        look_at(item, {});
    }

    void look_at(const Node& value, std::string_view name) {
        if (!looks_secret(name, value.text)) return;
        const std::string_view token = find_token(value.text);
        const bool whole = token.empty() || token.size() == value.text.size();
        add(value, whole ? name : std::string_view(), whole ? std::string_view(value.text) : token);
    }

    void add(const Node& value, std::string_view name, std::string_view part) {
        if (!seen_.insert(&value).second) return;
        const std::string_view written = value.source->text().substr(0, value.span.end);
        const auto at = static_cast<std::uint32_t>(std::min(written.find(part, value.span.begin), written.size()));
        const bool is_whole = part.size() == value.text.size() || at == written.size();
        const Span place = is_whole ? value.span : Span{at, at + static_cast<std::uint32_t>(part.size())};
        found_.push_back({&value, std::string(name), std::string(part), place});
    }

    static constexpr std::size_t long_value = 200;  // bytes
    std::unordered_set<const Node*> seen_;
    std::vector<Secret> found_;
};

}  // namespace

bool looks_secret(std::string_view name, std::string_view value) {
    if (!find_token(value).empty() || has_private_key(value)) return true;
    return is_random(value) && !stands_for_something(value) && names_a_secret(name);
}

std::vector<Span> secrets_in_text(std::string_view text) { return TextScan(text).run(); }

std::vector<Secret> secrets_in(const Document& document) { return TreeScan().run(document); }

}  // namespace gyre::config
