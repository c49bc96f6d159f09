#include "config/expression_tokens.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "config/nearest.h"
#include "config/reference.h"

namespace gyre::config {
namespace {

using Kind = Token::Kind;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool begins_word(char c) { return is_letter(c) || c == '_'; }
bool is_of_word(char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; }
// Names of parameters are lenient; the look-up says what is wrong with them.
bool is_of_reference(char c) { return std::string_view(" \t\r\n\"'()=!<>&|,").find(c) == std::string_view::npos; }

Span span(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

// What other languages write, and what it is here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> foreign{
    {{"&&", "and"}, {"||", "or"}, {"=~", "matches"}, {"=", "=="}, {"!", "not"}}};

}  // namespace

void Tokens::skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

Token Tokens::token(Kind kind, std::size_t size) {
    Token made{kind, std::string(text_.substr(at_, size)), span(at_, at_ + size)};
    at_ += size;
    return made;
}

std::variant<Token, ExpressionError> Tokens::next() {
    skip_blanks();
    if (at_ == text_.size()) return token(Kind::end, 0);
    const char c = text_[at_];
    if (c == '"' || c == '\'') return quoted();
    const bool is_signed = (c == '-' || c == '+') && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
    if (is_digit(c) || is_signed) return number();
    if (begins_word(c)) return word();
    return symbol();
}

std::variant<Token, ExpressionError> Tokens::quoted() {
    const char quote = text_[at_];
    std::string value;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
        if (text_[i] == quote) {
            Token made = token(Kind::text, i + 1 - at_);
            made.text = std::move(value);
            return made;
        }
        const bool escapes =
            text_[i] == '\\' && i + 1 < text_.size() && (text_[i + 1] == quote || text_[i + 1] == '\\');
        if (escapes) ++i;
        value += text_[i];
    }
    return ExpressionError{span(at_, text_.size()), "this text is not closed by " + std::string(1, quote), {}, {}};
}

std::variant<Token, ExpressionError> Tokens::number() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_of_word(text_[end])) ++end;
    const std::string_view written = text_.substr(at_, end - at_);
    if (!read_number(written)) {
        return ExpressionError{span(at_, end),
                               "'" + std::string(written) + "' is not a number; text stands between quotes",
                               "a number such as 12 or 1.5, or text between quotes", '"' + std::string(written) + '"'};
    }
    return token(Kind::number, end - at_);
}

std::variant<Token, ExpressionError> Tokens::word() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_of_word(text_[end])) ++end;
    const std::string_view written = text_.substr(at_, end - at_);
    if (written.find('.') == std::string_view::npos) return token(Kind::word, end - at_);
    if (!is_like_reference(written)) {
        return ExpressionError{span(at_, end), "there is no value named '" + std::string(written) + "'",
                               "parameters., pipeline. or matrix. with a name, or text between quotes",
                               '"' + std::string(written) + '"'};
    }
    while (end < text_.size() && is_of_reference(text_[end])) ++end;
    return token(Kind::reference, end - at_);
}

std::variant<Token, ExpressionError> Tokens::symbol() {
    for (const std::string_view one : {"==", "!=", "<=", ">=", "<", ">", "(", ")"}) {
        if (text_.substr(at_).starts_with(one)) return token(Kind::symbol, one.size());
    }
    return wrong_character();
}

ExpressionError Tokens::wrong_character() const {
    const std::string_view rest = text_.substr(at_);
    for (const auto& [theirs, ours] : foreign) {
        if (!rest.starts_with(theirs)) continue;
        return {span(at_, at_ + theirs.size()),
                "'" + std::string(theirs) + "' is not an operator of expressions",
                {},
                std::string(ours)};
    }
    if (rest.front() == '/') {
        return {span(at_, text_.size()), "a pattern can stand behind 'matches' only", {}, {}};
    }
    std::size_t size = 1;  // the whole of a character
    while (size < rest.size() && (static_cast<unsigned char>(rest[size]) & 0xC0U) == 0x80U) ++size;
    return {
        span(at_, at_ + size), "an expression cannot contain '" + std::string(rest.substr(0, size)) + "' here", {}, {}};
}

std::variant<Token, ExpressionError> Tokens::next_pattern() {
    skip_blanks();
    const std::size_t begin = at_;
    if (begin == text_.size() || text_[begin] != '/') {
        return ExpressionError{span(begin, std::min(begin + 1, text_.size())),
                               "'matches' needs a pattern",
                               "a regular expression between slashes, such as /release-.*/",
                               {}};
    }
    // A slash within the pattern need not be escaped when something follows it at once.
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
        if (text_[i] == '\\') {
            ++i;
        } else if (text_[i] == '/') {
            const bool is_last = i + 1 == text_.size() || is_blank(text_[i + 1]) || text_[i + 1] == ')';
            if (is_last) return token(Kind::pattern, i + 1 - begin);
        }
    }
    return ExpressionError{span(begin, text_.size()), "this pattern is not closed by /", {}, {}};
}

}  // namespace gyre::config
