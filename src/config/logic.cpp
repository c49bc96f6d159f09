#include "config/logic.h"

#include <algorithm>
#include <cstdlib>

#include "config/fields.h"
#include "config/nearest.h"
#include "config/scalar.h"

namespace gyre::config {
namespace {

const std::vector<std::string> statements{"and", "or", "not", "equal", "matches"};

using Answer = std::optional<bool>;

Answer read_statement(Context& context, Value value);

// A list of at least one item.
std::optional<std::vector<Value>> read_list(Context& context, Value list, std::string_view statement) {
    if (!list.is(NodeKind::sequence)) {
        report_wrong_type(context, list, "'" + std::string(statement) + "'", shape::list);
        return std::nullopt;
    }
    if (list->items.empty()) {
        context.report({.code = Code::bad_value,
                        .at = list,
                        .message = "'" + std::string(statement) + "' has nothing to look at",
                        .expected = "a list of at least one value or condition"});
        return std::nullopt;
    }
    return context.items(list);
}

Answer read_and_or(Context& context, Value list, bool is_and) {
    const auto items = read_list(context, list, is_and ? "and" : "or");
    if (!items) return std::nullopt;
    Answer answer = is_and;
    for (const Value item : *items) {  // all of them, so that all mistakes are found
        const Answer one = read_statement(context, item);
        if (!one) {
            answer.reset();
        } else if (answer && *one != is_and) {
            answer = !is_and;
        }
    }
    return answer;
}

bool same_values(Context& context, Value a, Value b);

// Lists and mappings are equal when all in them is, in the same order.
bool same_lists(Context& context, Value a, Value b) {
    const auto left = context.items(a);
    const auto right = context.items(b);
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](Value one, Value other) { return same_values(context, one, other); });
}

bool same_mappings(Context& context, Value a, Value b) {
    return std::equal(a->entries.begin(), a->entries.end(), b->entries.begin(), b->entries.end(),
                      [&](const Entry& one, const Entry& other) {
                          return one.key->text == other.key->text &&
                                 same_values(context, context.value_of(a, one), context.value_of(b, other));
                      });
}

bool same_values(Context& context, Value a, Value b) {
    if (!a || !b || a->kind != b->kind) return false;
    if (a.node == b.node) return true;
    if (a.is(NodeKind::sequence)) return same_lists(context, a, b);
    if (a.is(NodeKind::mapping)) return same_mappings(context, a, b);
    const auto left = operand_of(a);
    const auto right = operand_of(b);
    return left && right && same(*left, *right);
}

Answer read_equal(Context& context, Value list) {
    const auto items = read_list(context, list, "equal");
    if (!items || items->empty()) return std::nullopt;
    Answer answer = true;
    for (const Value item : *items) {
        if (!item || item.is(NodeKind::broken)) return std::nullopt;
        if (!same_values(context, items->front(), item)) answer = false;
    }
    return answer;
}

Answer read_matches(Context& context, Value mapping) {
    const Fields fields(context, mapping, keys::matches);
    const Value at = fields.get("pattern");
    if (!at || !fields.mentions("value")) return std::nullopt;
    const std::string written = fields.text("pattern");
    const bool in_slashes = written.size() >= 2 && written.front() == '/' && written.back() == '/';
    const auto pattern = Pattern::make(in_slashes ? written : "/" + written + "/");
    if (!pattern) {
        context.report({.code = Code::bad_pattern,
                        .at = at,
                        .message = "not a regular expression: " + pattern.error().message,
                        .expected = "an expression that matches the whole value"});
        return std::nullopt;
    }
    const Match match = pattern.value().matches(fields.text("value"), context.pattern_steps);
    if (match != Match::too_expensive) return match == Match::yes;
    context.report({.code = Code::bad_pattern, .at = at, .message = "this expression takes too many steps to match"});
    return std::nullopt;
}

// One that resembles no statement is a value like any other, and therefore true: real configs have such.
Answer report_unknown(Context& context, Value name) {
    Problem problem{.code = Code::unknown_key,
                    .at = name,
                    .message = "'" + clipped(name->text, 60) + "' is no statement of a condition",
                    .expected = "one of and, or, not, equal, matches",
                    .suggestion = nearest(name->text, statements)};
    if (!problem.suggestion.empty()) {
        context.report(std::move(problem));
        return std::nullopt;
    }
    problem.message += " and counts as true";
    context.warn(std::move(problem));
    return true;
}

Answer read_mapping(Context& context, Value value) {
    if (value->entries.size() != 1) {
        context.report({.code = Code::several_conditions,
                        .at = value,
                        .message = "a condition is one statement; this has " + std::to_string(value->entries.size()),
                        .expected = "one of and, or, not, equal, matches; 'and' and 'or' combine several"});
        return std::nullopt;
    }
    const Entry& entry = value->entries.front();
    const std::string_view name = entry.key->text;
    const Value inner = context.value_of(value, entry);
    if (!inner) return std::nullopt;
    if (name == "and" || name == "or") return read_and_or(context, inner, name == "and");
    if (name == "equal") return read_equal(context, inner);
    if (name == "matches") return read_matches(context, inner);
    if (name == "not") {
        const Answer answer = read_statement(context, inner);
        return answer ? Answer{!*answer} : std::nullopt;
    }
    return report_unknown(context, context.key_of(value, entry));
}

Answer read_statement(Context& context, Value value) {
    if (!value || value.is(NodeKind::broken)) return std::nullopt;
    if (value.is(NodeKind::mapping)) return read_mapping(context, value);
    const bool is_argument = value.via != nullptr && value.via->kind == Via::Kind::argument;
    if (value.is(NodeKind::sequence) && is_argument) return !value->items.empty();  // were any steps given?
    if (value.is(NodeKind::sequence)) {
        report_wrong_type(context, value, "a condition", shape::text | shape::boolean | shape::mapping);
        return std::nullopt;
    }
    return is_truthy(*operand_of(value));
}

}  // namespace

std::optional<Operand> operand_of(Value value) {
    if (value.is(NodeKind::null)) return Operand{};
    if (!value.is(NodeKind::scalar)) return std::nullopt;
    if (const auto flag = as_boolean(*value.node)) return Operand{*flag};
    if (value->style == ScalarStyle::plain && is_number(value->text)) {
        return Operand{Number{value->text, std::strtod(value->text.c_str(), nullptr)}};
    }
    return Operand{value->text};
}

std::optional<bool> read_condition(Context& context, Value value, bool expressions) {
    const bool text = value.is(NodeKind::scalar) && !as_boolean(*value.node);
    const bool resolved = value && value.via != nullptr && value.via->kind == Via::Kind::argument;
    if (!expressions || !text || resolved || value->made) return read_statement(context, value);
    const auto operand = context.evaluate(value->text, value);
    return operand ? Answer{is_truthy(*operand)} : std::nullopt;
}

}  // namespace gyre::config
