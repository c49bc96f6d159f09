#pragma once

// Words of an expression, one after the other. Private to expression.cpp. Reads each byte a bounded number of times.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/expression.h"

namespace gyre::config {

struct Token {
    enum class Kind {
        end,
        text,       // between quotes, which are not part of it
        number,     // as written
        word,       // or, true, ...
        reference,  // a name with a dot whose first part is one of the namespaces or near one
        pattern,    // with its slashes
        symbol,     // ( ) == != < <= > >=
    };
    Kind kind = Kind::end;
    std::string text;
    Span at;

    bool is(Kind of, std::string_view what) const { return kind == of && text == what; }
};

class Tokens {
public:
    explicit Tokens(std::string_view text) : text_(text) {}

    std::variant<Token, ExpressionError> next();
    // What must follow `matches`.
    std::variant<Token, ExpressionError> next_pattern();
    bool is_at_end() const { return at_ == text_.size(); }

private:
    void skip_blanks();
    Token token(Token::Kind kind, std::size_t size);
    std::variant<Token, ExpressionError> quoted();
    std::variant<Token, ExpressionError> number();
    std::variant<Token, ExpressionError> word();
    std::variant<Token, ExpressionError> symbol();
    ExpressionError wrong_character() const;

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace gyre::config
