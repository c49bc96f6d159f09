#pragma once

// Expressions: what stands between `<<` and `>>`, and in `when:`, `unless:` and `filters:` written as text
// (config-language.md section 9). A lone reference is the smallest expression.
//
//   or          a or b                       the operand itself, not true or false; the right one only when needed
//   and         a and b
//   comparison  a == b, a != b               values of different types differ
//               a < b, <=, >, >=             numbers only; false with null
//               a starts-with b              text only; false with null
//               a matches /pattern/          text only, the whole of it; false with null; the only place for a pattern
//   not         not a                        binds tighter than a comparison
//   primary     "text", 'text', 12, 1.5, true, false, null, a.reference, (expression)
//
// Pure and bounded: `parse_expression` refuses more than `most_expression_bytes` and deeper than
// `most_expression_depth`.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/pattern.h"
#include "config/source.h"

namespace gyre::config {

inline constexpr std::size_t most_expression_bytes = 4096;
inline constexpr int most_expression_depth = 100;

// A number keeps its text (3.10 is not 3.1 when printed) and compares by value.
struct Number {
    std::string text;
    double value = 0;
};
// What an expression yields; null is what a pipeline value that does not exist yields (a branch on a tag's build).
using Operand = std::variant<std::monostate, bool, Number, std::string>;

// 12, -1.5, 1e3 (config/scalar.h); nothing for any other text.
std::optional<Number> read_number(std::string_view text);
bool is_truthy(const Operand& operand);              // false, null, 0, NaN and "" are not
bool same(const Operand& a, const Operand& b);       // same type and value
std::string text_of(const Operand& operand);         // null is empty
std::string_view type_name(const Operand& operand);  // "a number"

// What is wrong with an expression, and where in its text.
struct ExpressionError {
    Span at;
    std::string message;
    std::string expected;    // may be empty
    std::string suggestion;  // may be empty
};

class Expression {
public:
    struct Node;  // of the syntax tree
    explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

    // The name, when the whole expression is one reference: "parameters.x".
    std::optional<std::string_view> lone_reference() const;
    // Every reference in the text, with its place.
    struct Reference {
        std::string name;
        Span at;
    };
    std::vector<Reference> references() const;
    // `look_up` answers for each reference that is needed, nothing where it has already been reported; then there is no
    // result. `steps` is what matching patterns may still take (config/pattern.h).
    using LookUp = std::function<std::optional<Operand>(const Reference&)>;
    std::variant<std::optional<Operand>, ExpressionError> evaluate(const LookUp& look_up, std::uint64_t& steps) const;

private:
    std::shared_ptr<const Node> root_;
};

// The whole text. A name with a dot is a reference when is_like_reference() (config/reference.h) says so.
std::variant<Expression, ExpressionError> parse_expression(std::string_view text);

}  // namespace gyre::config
