#include "config/reference.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "config/expression.h"
#include "config/nearest.h"

namespace gyre::config {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t none = std::string_view::npos;
constexpr int most_guesses = 10;  // of misspelled names in one text: each costs more than its bytes do

struct NamespaceWord {
    std::string_view word;
    Namespace space;
};
// The last two are of older versions of the reference: what begins with them is no text, and refers to nothing.
constexpr std::array<NamespaceWord, 5> namespace_words{{{"parameters", Namespace::parameters},
                                                        {"pipeline", Namespace::pipeline},
                                                        {"matrix", Namespace::matrix},
                                                        {"orb", Namespace::none},
                                                        {"trigger_parameters", Namespace::none}}};

std::vector<std::string> words_of(bool with_meaning) {
    std::vector<std::string> words;
    for (const NamespaceWord& one : namespace_words) {
        if (!with_meaning || one.space != Namespace::none) words.emplace_back(one.word);
    }
    return words;
}

const std::vector<std::string>& all_words() {
    static const std::vector<std::string> words = words_of(false);
    return words;
}

const NamespaceWord* find_namespace(std::string_view word) {
    const auto* found = std::find_if(namespace_words.begin(), namespace_words.end(),
                                     [&](const NamespaceWord& one) { return one.word == word; });
    return found == namespace_words.end() ? nullptr : found;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_namespace(std::string_view word) { return find_namespace(word) != nullptr; }

// The word that `text` begins with, when a dot follows it.
std::string_view word_before_dot(std::string_view text) {
    const auto is_inner = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
    std::size_t size = 0;
    while (size < text.size() && size < 32 && is_inner(text[size])) ++size;
    if (size == 0 || size >= text.size() || text[size] != '.') return {};
    return text.substr(0, size);
}

std::string_view without_opening(std::string_view text) {
    while (true) {
        const std::size_t size = text.size();
        while (!text.empty() && (is_blank(text.front()) || text.front() == '(')) text.remove_prefix(1);
        if (text.size() > 4 && text.starts_with("not") && (blanks.find(text[3]) != none || text[3] == '(')) {
            text.remove_prefix(3);
        }
        if (text.size() == size) return text;
    }
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == none) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The kind that what stands between `<<` and `>>` begins with, and what follows.
std::pair<PartKind, std::string_view> without_section_mark(std::string_view inside) {
    while (!inside.empty() && is_blank(inside.front())) inside.remove_prefix(1);
    if (inside.starts_with('#')) return {PartKind::section, inside.substr(1)};
    if (inside.starts_with('^')) return {PartKind::inverted_section, inside.substr(1)};
    if (inside.starts_with('/')) return {PartKind::section_end, inside.substr(1)};
    return {PartKind::expression, inside};
}

bool names_a_reference(std::string_view text) {
    const auto& words = all_words();
    return std::any_of(words.begin(), words.end(), [&](const auto& word) { return text.find(word + ".") != none; });
}

// A `<<` that is a reference, or text by an escape.
struct Mark {
    std::size_t begin = 0;  // of the backslashes before it
    std::size_t at = 0;     // of `<<`
    std::size_t end = 0;    // behind `>>`, or behind the `<<` that is text
    bool is_expression = false;
};

class Marks {
public:
    explicit Marks(std::string_view text) : text_(text), last_end_(text.rfind(">>")) {}

    std::optional<Mark> next();

private:
    bool begins_expression(std::size_t inside);
    bool is_guessed(std::string_view inside);

    std::string_view text_;
    std::size_t last_end_;  // of the text's last `>>`
    std::size_t at_ = 0;
    std::size_t end_ = 0;  // the `>>` that follows, as far as known
    int guesses_ = 0;
};

std::optional<Mark> Marks::next() {
    for (std::size_t at = text_.find("<<", at_); at != none; at = text_.find("<<", at + 1)) {
        std::size_t begin = at;
        while (begin > at_ && text_[begin - 1] == '\\') --begin;
        const bool escaped = (at - begin) % 2 == 1;
        if (escaped) {
            at_ = at + 2;
            return Mark{begin, at, at_, false};
        }
        if (begins_expression(at + 2)) {
            at_ = end_ + 2;
            return Mark{begin, at, at_, true};
        }
        if (begin < at) {
            at_ = at + 1;
            return Mark{begin, at, at_, false};
        }
    }
    return std::nullopt;
}

bool Marks::begins_expression(std::size_t inside) {
    if (last_end_ == none || inside > last_end_ || text_[inside] == '<') return false;
    if (end_ < inside) end_ = text_.find(">>", inside);
    const std::string_view expression = text_.substr(inside, end_ - inside);
    const auto [kind, meant] = without_section_mark(expression);
    const std::string_view rest = without_opening(meant.substr(0, most_expression_bytes));
    if (is_namespace(word_before_dot(rest))) return true;
    return kind == PartKind::expression && is_guessed(expression);
}

// Begins with a misspelled namespace or a literal: taken for an expression only when it is one as a whole.
bool Marks::is_guessed(std::string_view inside) {
    if (guesses_ >= most_guesses || inside.find("<<") < inside.size()) return false;
    const std::string_view whole = trimmed(inside);
    const std::string_view first = without_opening(whole.substr(0, most_expression_bytes));
    if (first.empty() || whole.size() > most_expression_bytes) return false;
    const bool is_literal = std::string_view("\"'-0123456789").find(first.front()) != none;
    if (is_literal ? !names_a_reference(whole) : word_before_dot(first).size() < 3) return false;
    ++guesses_;
    if (!is_literal && !is_like_reference(first)) return false;
    const auto parsed = parse_expression(whole);
    const auto* expression = std::get_if<Expression>(&parsed);
    return expression != nullptr && !expression->references().empty();
}

}  // namespace

const std::vector<std::string>& reference_namespaces() {
    static const std::vector<std::string> words = words_of(true);
    return words;
}

ReferenceParts split_reference(std::string_view reference) {
    constexpr std::string_view of_parameters = "parameters.";
    const auto dot = std::min(reference.find('.'), reference.size());
    const NamespaceWord* word = find_namespace(reference.substr(0, dot));
    ReferenceParts parts{word == nullptr ? Namespace::none : word->space,
                         reference.substr(std::min(dot + 1, reference.size()))};
    if (parts.space == Namespace::pipeline && parts.name.starts_with(of_parameters)) {
        parts = {Namespace::pipeline_parameters, parts.name.substr(of_parameters.size())};
    }
    return parts;
}

bool is_like_reference(std::string_view text) {
    const std::string_view word = word_before_dot(text);
    return !word.empty() && (is_namespace(word) || !nearest(word, all_words()).empty());
}

bool has_marks(std::string_view text) { return text.find("<<") != none && Marks(text).next().has_value(); }

std::vector<TemplatePart> split_template(std::string_view text) {
    std::vector<TemplatePart> parts;
    const auto add_text = [&](std::string_view meant, std::size_t begin, std::size_t end) {
        if (begin == end) return;
        if (parts.empty() || parts.back().kind != PartKind::text) {
            parts.push_back({PartKind::text, {}, {static_cast<std::uint32_t>(begin), 0}});
        }
        parts.back().text += meant;
        parts.back().at.end = static_cast<std::uint32_t>(end);
    };
    Marks marks(text);
    std::size_t at = 0;
    while (const auto mark = marks.next()) {
        add_text(text.substr(at, mark->begin - at), at, mark->begin);
        const std::size_t backslashes = (mark->at - mark->begin) / 2;
        add_text(text.substr(mark->begin, backslashes), mark->begin, mark->at);
        at = mark->end;
        if (mark->is_expression) {
            const auto [kind, inside] = without_section_mark(text.substr(mark->at + 2, mark->end - mark->at - 4));
            parts.push_back({kind,
                             std::string(trimmed(inside)),
                             {static_cast<std::uint32_t>(mark->at), static_cast<std::uint32_t>(mark->end)}});
        } else {
            add_text(text.substr(mark->at, mark->end - mark->at), mark->at, mark->end);
        }
    }
    add_text(text.substr(at), at, text.size());
    return parts;
}

}  // namespace gyre::config
