#include <utility>

#include "config/expression.h"
#include "config/expression_node.h"
#include "config/scalar.h"

namespace gyre::config {
namespace {

using Node = Expression::Node;
using Kind = Node::Kind;

// Whole numbers are compared as such: a double would round those of more than 15 digits.
bool same_number(const Number& a, const Number& b) {
    const auto left = as_integer(a.text);
    const auto right = as_integer(b.text);
    return left && right ? left == right : a.value == b.value;
}

bool is_null(const Operand& operand) { return std::holds_alternative<std::monostate>(operand); }

bool holds(Kind kind, double a, double b) {
    if (kind == Kind::less) return a < b;
    if (kind == Kind::at_most) return a <= b;
    if (kind == Kind::greater) return a > b;
    return a >= b;
}

// Nothing comes of a node after an error, which is then in `error`.
struct Evaluation {
    const Expression::LookUp& look_up;
    std::uint64_t& steps;
    std::optional<ExpressionError> error = {};

    std::optional<Operand> value(const Node& node);

private:
    std::optional<Operand> chain(const Node& node);
    std::optional<Operand> comparison(const Node& node);
    std::optional<Operand> ordered(const Node& node, const Operand& left, const Operand& right);
    std::optional<Operand> started(const Node& node, const Operand& left, const Operand& right);
    std::optional<Operand> matched(const Node& node);
    template <class T>
    const T* need(const Node& node, const Operand& operand, const char* what, const Node& of);
};

std::optional<Operand> Evaluation::value(const Node& node) {
    switch (node.kind) {
        case Kind::literal:
            return node.value;
        case Kind::reference:
            return look_up({node.name, node.at});
        case Kind::any:
        case Kind::all:
            return chain(node);
        case Kind::negation: {
            const std::optional<Operand> operand = value(node.children.front());
            if (!operand) return std::nullopt;
            return !is_truthy(*operand);
        }
        case Kind::equal:
        case Kind::unequal:
        case Kind::less:
        case Kind::at_most:
        case Kind::greater:
        case Kind::at_least:
        case Kind::starts_with:
            return comparison(node);
        case Kind::matches:
            return matched(node);
    }
    return std::nullopt;
}

// The first operand that decides, or the last one.
std::optional<Operand> Evaluation::chain(const Node& node) {
    std::optional<Operand> last;
    for (const Node& child : node.children) {
        last = value(child);
        if (!last || is_truthy(*last) == (node.kind == Kind::any)) break;
    }
    return last;
}

template <class T>
const T* Evaluation::need(const Node& node, const Operand& operand, const char* what, const Node& of) {
    const T* found = std::get_if<T>(&operand);
    if (found == nullptr) {
        error = {
            of.at, "'" + node.name + "' works on " + what + "; this is " + std::string(type_name(operand)), what, {}};
    }
    return found;
}

std::optional<Operand> Evaluation::comparison(const Node& node) {
    const std::optional<Operand> left = value(node.children.front());
    if (!left) return std::nullopt;
    const std::optional<Operand> right = value(node.children.back());
    if (!right) return std::nullopt;
    if (node.kind == Kind::equal) return same(*left, *right);
    if (node.kind == Kind::unequal) return !same(*left, *right);
    return node.kind == Kind::starts_with ? started(node, *left, *right) : ordered(node, *left, *right);
}

std::optional<Operand> Evaluation::ordered(const Node& node, const Operand& left, const Operand& right) {
    if (is_null(left) || is_null(right)) return false;
    const auto* a = need<Number>(node, left, "numbers", node.children.front());
    const auto* b = a != nullptr ? need<Number>(node, right, "numbers", node.children.back()) : nullptr;
    if (b == nullptr) return std::nullopt;
    return holds(node.kind, a->value, b->value);
}

std::optional<Operand> Evaluation::started(const Node& node, const Operand& left, const Operand& right) {
    if (is_null(left) || is_null(right)) return false;
    const auto* a = need<std::string>(node, left, "text", node.children.front());
    const auto* b = a != nullptr ? need<std::string>(node, right, "text", node.children.back()) : nullptr;
    if (b == nullptr) return std::nullopt;
    return a->starts_with(*b);
}

std::optional<Operand> Evaluation::matched(const Node& node) {
    const std::optional<Operand> left = value(node.children.front());
    if (!left) return std::nullopt;
    if (is_null(*left)) return false;
    const auto* text = need<std::string>(node, *left, "text", node.children.front());
    if (text == nullptr) return std::nullopt;
    const Match match = node.pattern.matches(*text, steps);
    if (match == Match::too_expensive) {
        error = ExpressionError{
            node.at, "the pattern takes too long to match", "a pattern without repetitions of repetitions", {}};
        return std::nullopt;
    }
    return match == Match::yes;
}

}  // namespace

std::variant<std::optional<Operand>, ExpressionError> Expression::evaluate(const LookUp& look_up,
                                                                           std::uint64_t& steps) const {
    Evaluation evaluation{look_up, steps};
    std::optional<Operand> value = evaluation.value(*root_);
    if (!value && evaluation.error) return *std::move(evaluation.error);
    return value;
}

std::optional<Number> read_number(std::string_view text) {
    const auto value = as_number(text);
    return value ? std::optional(Number{std::string(text), *value}) : std::nullopt;
}

bool is_truthy(const Operand& operand) {
    if (const bool* yes = std::get_if<bool>(&operand)) return *yes;
    if (const auto* number = std::get_if<Number>(&operand)) return number->value < 0 || number->value > 0;
    if (const auto* text = std::get_if<std::string>(&operand)) return !text->empty();
    return false;
}

bool same(const Operand& a, const Operand& b) {
    if (a.index() != b.index()) return false;
    if (const auto* number = std::get_if<Number>(&a)) return same_number(*number, std::get<Number>(b));
    return text_of(a) == text_of(b);
}

std::string text_of(const Operand& operand) {
    if (const bool* yes = std::get_if<bool>(&operand)) return *yes ? "true" : "false";
    if (const auto* number = std::get_if<Number>(&operand)) return number->text;
    if (const auto* text = std::get_if<std::string>(&operand)) return *text;
    return {};
}

std::string_view type_name(const Operand& operand) {
    if (std::holds_alternative<bool>(operand)) return "a boolean";
    if (std::holds_alternative<Number>(operand)) return "a number";
    if (std::holds_alternative<std::string>(operand)) return "text";
    return "null";
}

}  // namespace gyre::config
