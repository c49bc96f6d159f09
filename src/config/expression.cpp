#include "config/expression.h"

#include <array>
#include <utility>

#include "config/expression_node.h"
#include "config/expression_tokens.h"
#include "config/nearest.h"

namespace gyre::config {
namespace {

using Node = Expression::Node;
using Kind = Node::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 8> comparisons{{{"==", Kind::equal},
                                                                        {"!=", Kind::unequal},
                                                                        {"<", Kind::less},
                                                                        {"<=", Kind::at_most},
                                                                        {">", Kind::greater},
                                                                        {">=", Kind::at_least},
                                                                        {"starts-with", Kind::starts_with},
                                                                        {"matches", Kind::matches}}};

// Each function reads one level of the grammar and gives nothing after an error, which is then in `error_`. Recursion
// is bounded by `depth_`.
class Parser {
public:
    explicit Parser(std::string_view text) : tokens_(text) {}

    std::variant<Expression, ExpressionError> parse();

private:
    using Level = std::optional<Node> (Parser::*)();

    bool advance();
    bool accept(std::variant<Token, ExpressionError>&& next);
    std::nullopt_t fail(ExpressionError error);
    std::nullopt_t unexpected();
    bool deeper();
    const std::pair<std::string_view, Kind>* comparison_here() const;

    std::optional<Node> any() { return chain("or", Kind::any, &Parser::all); }
    std::optional<Node> all() { return chain("and", Kind::all, &Parser::comparison); }
    std::optional<Node> chain(std::string_view word, Kind kind, Level operand);
    std::optional<Node> comparison();
    std::optional<Node> pattern_of(Node&& left);
    std::optional<Node> negation();
    std::optional<Node> primary();
    std::optional<Node> group();
    std::optional<Node> leaf(Kind kind, Operand value);

    Tokens tokens_;
    Token here_;
    int depth_ = 0;
    std::optional<ExpressionError> error_;
};

std::variant<Expression, ExpressionError> Parser::parse() {
    std::optional<Node> root;
    const bool good = advance();
    if (good && here_.kind == Token::Kind::reference && tokens_.is_at_end())  // nearly always
        return Expression(
            std::make_shared<const Node>(Node{.kind = Kind::reference, .at = here_.at, .name = std::move(here_.text)}));
    if (good) root = any();
    if (root && here_.kind != Token::Kind::end) unexpected();
    if (error_) return *std::move(error_);
    return Expression(std::make_shared<const Node>(*std::move(root)));
}

bool Parser::accept(std::variant<Token, ExpressionError>&& next) {
    if (auto* error = std::get_if<ExpressionError>(&next)) {
        fail(std::move(*error));
        return false;
    }
    here_ = std::get<Token>(std::move(next));
    return true;
}

bool Parser::advance() { return accept(tokens_.next()); }

std::nullopt_t Parser::fail(ExpressionError error) {
    if (!error_) error_ = std::move(error);
    return std::nullopt;
}

std::nullopt_t Parser::unexpected() {
    const std::string wanted = "a reference such as parameters.name, text between quotes, a number, true, false or '('";
    if (here_.kind == Token::Kind::end) return fail({here_.at, "the expression ends too early", wanted, {}});
    if (here_.kind != Token::Kind::word) return fail({here_.at, "'" + here_.text + "' cannot stand here", {}, {}});
    static const std::vector<std::string> words{"or", "and", "not", "starts-with", "matches", "true", "false", "null"};
    std::string meant = nearest(here_.text, words);
    if (meant == here_.text) return fail({here_.at, "'" + here_.text + "' cannot stand here", {}, {}});
    if (meant.empty()) meant = '"' + here_.text + '"';
    return fail({here_.at, "'" + here_.text + "' is no word of expressions; text stands between quotes", {}, meant});
}

bool Parser::deeper() {
    if (++depth_ <= most_expression_depth) return true;
    fail({here_.at,
          "the expression nests deeper than " + std::to_string(most_expression_depth) + " levels, the limit",
          {},
          {}});
    return false;
}

std::optional<Node> Parser::chain(std::string_view word, Kind kind, Level operand) {
    std::optional<Node> first = (this->*operand)();
    if (!first || !here_.is(Token::Kind::word, word)) return first;
    Node node{.kind = kind, .at = first->at, .name = std::string(word)};
    node.children.push_back(*std::move(first));
    while (here_.is(Token::Kind::word, word)) {
        if (!advance()) return std::nullopt;
        std::optional<Node> next = (this->*operand)();
        if (!next) return std::nullopt;
        node.at.end = next->at.end;
        node.children.push_back(*std::move(next));
    }
    return node;
}

const std::pair<std::string_view, Kind>* Parser::comparison_here() const {
    if (here_.kind != Token::Kind::word && here_.kind != Token::Kind::symbol) return nullptr;
    for (const auto& one : comparisons) {
        if (one.first == here_.text) return &one;
    }
    return nullptr;
}

std::optional<Node> Parser::comparison() {
    std::optional<Node> left = negation();
    const auto* found = left ? comparison_here() : nullptr;
    if (found == nullptr) return left;
    if (found->second == Kind::matches) {
        left = pattern_of(*std::move(left));
    } else {
        Node node{.kind = found->second, .at = left->at, .name = std::string(found->first)};
        if (!advance()) return std::nullopt;
        std::optional<Node> right = negation();
        if (!right) return std::nullopt;
        node.at.end = right->at.end;
        node.children.push_back(*std::move(left));
        node.children.push_back(*std::move(right));
        left = std::move(node);
    }
    if (left && comparison_here() != nullptr) {
        return fail({here_.at, "comparisons cannot be chained", "'and' or 'or' between two comparisons", {}});
    }
    return left;
}

std::optional<Node> Parser::pattern_of(Node&& left) {
    Node node{.kind = Kind::matches, .at = left.at, .name = "matches"};
    if (!accept(tokens_.next_pattern())) return std::nullopt;
    auto pattern = Pattern::make(here_.text);
    if (!pattern) return fail({here_.at, pattern.error().message, {}, {}});
    node.pattern = std::move(pattern).value();
    node.at.end = here_.at.end;
    node.children.push_back(std::move(left));
    if (!advance()) return std::nullopt;
    return node;
}

std::optional<Node> Parser::negation() {
    if (!here_.is(Token::Kind::word, "not")) return primary();
    if (!deeper()) return std::nullopt;
    Node node{.kind = Kind::negation, .at = here_.at, .name = "not"};
    if (!advance()) return std::nullopt;
    std::optional<Node> operand = negation();
    if (!operand) return std::nullopt;
    node.at.end = operand->at.end;
    node.children.push_back(*std::move(operand));
    --depth_;
    return node;
}

std::optional<Node> Parser::leaf(Kind kind, Operand value) {
    Node node{.kind = kind, .at = here_.at, .value = std::move(value), .name = here_.text};
    if (!advance()) return std::nullopt;
    return node;
}

std::optional<Node> Parser::primary() {
    if (here_.is(Token::Kind::symbol, "(")) return group();
    if (here_.kind == Token::Kind::reference) return leaf(Kind::reference, {});
    if (here_.kind == Token::Kind::text) return leaf(Kind::literal, here_.text);
    if (here_.kind == Token::Kind::number) return leaf(Kind::literal, *read_number(here_.text));
    if (here_.is(Token::Kind::word, "true")) return leaf(Kind::literal, true);
    if (here_.is(Token::Kind::word, "false")) return leaf(Kind::literal, false);
    if (here_.is(Token::Kind::word, "null")) return leaf(Kind::literal, std::monostate());
    return unexpected();
}

std::optional<Node> Parser::group() {
    if (!deeper()) return std::nullopt;
    const Span open = here_.at;
    if (!advance()) return std::nullopt;
    std::optional<Node> inside = any();
    if (!inside) return std::nullopt;
    if (here_.kind == Token::Kind::end) return fail({open, "this '(' is not closed by ')'", {}, {}});
    if (!here_.is(Token::Kind::symbol, ")")) return unexpected();
    --depth_;
    if (!advance()) return std::nullopt;
    return inside;
}

void collect(const Node& node, std::vector<Expression::Reference>& found) {
    if (node.kind == Kind::reference) found.push_back({node.name, node.at});
    for (const Node& child : node.children) collect(child, found);
}

}  // namespace

std::variant<Expression, ExpressionError> parse_expression(std::string_view text) {
    if (text.size() > most_expression_bytes) {
        return ExpressionError{{0, static_cast<std::uint32_t>(most_expression_bytes)},
                               "the expression has " + std::to_string(text.size()) + " bytes; the limit is " +
                                   std::to_string(most_expression_bytes),
                               {},
                               {}};
    }
    return Parser(text).parse();
}

std::optional<std::string_view> Expression::lone_reference() const {
    if (root_->kind != Kind::reference) return std::nullopt;
    return root_->name;
}

std::vector<Expression::Reference> Expression::references() const {
    std::vector<Reference> found;
    collect(*root_, found);
    return found;
}

}  // namespace gyre::config
