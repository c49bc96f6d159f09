#pragma once

// The syntax tree of an expression. Private to expression*.cpp. Never deeper than a small multiple of
// most_expression_depth: operands of one `or` or `and` stand side by side.

#include <string>
#include <vector>

#include "config/expression.h"

namespace gyre::config {

struct Expression::Node {
    enum class Kind {
        literal,
        reference,
        any,       // or, of two and more
        all,       // and
        negation,  // not, of one
        equal,     // of two, as all that follow
        unequal,
        less,
        at_most,
        greater,
        at_least,
        starts_with,
        matches,  // of one, and the pattern
    };
    Kind kind = Kind::literal;
    Span at;
    Operand value;     // literal
    std::string name;  // reference; of the others the operator, for messages
    std::vector<Node> children;
    Pattern pattern;
};

}  // namespace gyre::config
