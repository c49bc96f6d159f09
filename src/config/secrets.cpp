#include "config/secrets.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/ascii.h"
#include "config/secret_forms.h"

namespace gyre::config {
namespace {

constexpr std::size_t shortest_looked_at = 12;  // bytes
constexpr std::size_t longest_header = 80;      // bytes of the first line of a private key
constexpr std::string_view key_begins = "-----BEGIN";
constexpr std::string_view key_header = "PRIVATE KEY-----";
constexpr std::string_view key_ends = "-----END";

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

// The first word at or after `from`, or the end of the text. Words touch no other, so each is looked at once.
std::string_view next_word(std::string_view text, std::size_t from) {
    const auto begin = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), is_word_character);
    return {begin, std::find_if_not(begin, text.end(), is_word_character)};
}

std::size_t end_of(std::string_view part, std::string_view text) {
    return static_cast<std::size_t>(part.data() - text.data()) + part.size();
}

bool is_whole_secret(std::string_view name, std::string_view value) {
    return is_random(value) && !stands_for_something(value) && names_a_secret(name);
}

// A secret in a text.
struct Found {
    std::string_view name;  // of what it is assigned to; may be empty
    std::string_view text;
};

// Walks over a text word by word.
class TextScan {
public:
    explicit TextScan(std::string_view text) : text_(text) {}

    std::vector<Found> run() {
        for (auto word = next_word(text_, 0); !word.empty(); word = next_word(text_, at_)) look_at(word);
        return std::move(found_);
    }

private:
    void look_at(std::string_view word) {
        at_ = end_of(word, text_);
        if (const auto secret = secret_at(word, text_); !secret.empty()) return add({}, secret);
        if (word.ends_with(key_begins)) return look_at_key(at_ - key_begins.size());
        if (at_ < looked_to_) return;  // each value is read once, whatever names are in it
        if (const auto secret = secret_of_option(word); !secret.empty()) return add({}, secret);
        const std::size_t assigned = assigned_at(at_);
        if (assigned == std::string_view::npos || !names_a_secret(word)) return;
        const std::string_view value = value_at(assigned);
        if (is_random(value) && !stands_for_something(value)) add(word, value);
    }

    // `-u user:password`, `--user=...`; `--password ...`, where `--password=...` is as an assignment.
    std::string_view secret_of_option(std::string_view word) {
        if (!word.starts_with('-') || at_ == text_.size()) return {};
        const bool blank = text_[at_] == ' ';
        if ((word == "-u" || word == "--user" || word == "--proxy-user") && (blank || text_[at_] == '='))
            return secret_of(value_at(behind_blanks(at_ + 1)), false);
        if (word.starts_with("-u") && text_[at_] == ':') {
            const std::size_t begin = at_ - word.size() + 2;
            return secret_of(text_.substr(begin, end_of(value_at(at_ + 1), text_) - begin), false);
        }
        if (!word.starts_with("--") || !blank || !names_a_secret(word)) return {};
        const std::string_view value = value_at(behind_blanks(at_));
        const bool alone = value.find_first_of("=,/") == std::string_view::npos;
        return alone && is_random(value) && !stands_for_something(value) ? value : std::string_view();
    }

    void look_at_key(std::size_t begin) {
        const std::string_view line = text_.substr(begin, longest_header);
        if (line.find(key_header) == std::string_view::npos) return;
        const std::size_t end = std::min(text_.find(key_ends, begin), text_.size());
        add({}, text_.substr(begin, end - begin));
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

    std::string_view value_at(std::size_t at) {
        std::string_view value = text_.substr(at);
        if (is_quote(at)) {
            const char quote[] = {text_[at], '\n', '\0'};
            value = text_.substr(at + 1, std::min(text_.find_first_of(quote, at + 1), text_.size()) - at - 1);
        } else {
            value = value.substr(0, value.find_first_of(" \t\r\n\"';"));
            while (!value.empty() && (value.back() == ',' || value.back() == '}' || value.back() == ']'))
                value.remove_suffix(1);
        }
        looked_to_ = end_of(value, text_);
        return value;
    }

    bool is_quote(std::size_t at) const { return at < text_.size() && (text_[at] == '"' || text_[at] == '\''); }
    void add(std::string_view name, std::string_view secret) {
        at_ = end_of(secret, text_);
        found_.push_back({name, secret});
    }

    std::string_view text_;
    std::size_t at_ = 0;         // behind what has been looked at
    std::size_t looked_to_ = 0;  // the end of the last value behind a name or an option
    std::vector<Found> found_;
};

// Walks over a tree value by value.
class TreeScan {
public:
    std::vector<Secret> run(const Document& document) {
        for (const Node& node : document.nodes()) {
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
        if (seen_.contains(&value)) return;
        if (of_registry) return add(value, entry.key->text, value.text);
        if (value.text.size() >= shortest_looked_at) look_at(value, entry.key->text);
    }

    // `NAME=value`, or a value without a name.
    void look_at_item(const Node& item) {
        const std::string_view text = item.text;
        if (text.size() < shortest_looked_at || seen_.contains(&item)) return;
        const auto equals = std::min(text.find('='), text.size());
        const std::string_view name = text.substr(0, equals);
        const std::string_view value = text.substr(std::min(equals + 1, text.size()));
        if (is_whole_secret(name, value)) return add(item, name, value);
        look_at(item, {});
    }

    void look_at(const Node& value, std::string_view name) {
        if (is_whole_secret(name, value.text) || has_private_key(value.text)) return add(value, name, value.text);
        std::uint32_t from = value.span.begin;
        for (const Found& one : TextScan(value.text).run()) {
            if (one.text.size() == value.text.size()) return add(value, name, one.text);
            from = add_part(value, one, from);
        }
    }

    void add(const Node& value, std::string_view name, std::string_view part) {
        if (part.size() == value.text.size()) return keep(value, name, part, value.span);
        add_part(value, {name, part}, value.span.begin);
    }

    // Gives where the next one is to be looked for: behind the end once one of them does not stand there as it is
    // meant, so that all of them together are looked for once.
    std::uint32_t add_part(const Node& value, const Found& one, std::uint32_t from) {
        const std::string_view written = value.source->text().substr(0, value.span.end);
        const auto at = static_cast<std::uint32_t>(std::min(written.find(one.text, from), written.size()));
        const std::uint32_t end = at + static_cast<std::uint32_t>(one.text.size());
        const bool found = at < written.size();
        keep(value, one.name, one.text, found ? Span{at, end} : value.span);
        return found ? end : value.span.end;
    }

    void keep(const Node& value, std::string_view name, std::string_view text, Span at) {
        seen_.insert(&value);
        found_.push_back({&value, std::string(name), std::string(text), at});
    }

    static constexpr std::size_t long_value = 200;  // bytes
    std::unordered_set<const Node*> seen_;
    std::vector<Secret> found_;
};

}  // namespace

bool looks_secret(std::string_view name, std::string_view value) {
    return is_whole_secret(name, value) || has_private_key(value) || !TextScan(value).run().empty();
}

std::vector<Span> secrets_in_text(std::string_view text) {
    std::vector<Span> places;
    for (const Found& one : TextScan(text).run()) {
        const std::size_t end = end_of(one.text, text);
        places.push_back({static_cast<std::uint32_t>(end - one.text.size()), static_cast<std::uint32_t>(end)});
    }
    return places;
}

std::vector<Secret> secrets_in(const Document& document) { return TreeScan().run(document); }

}  // namespace gyre::config
