#include "config/logic.h"

#include <algorithm>
#include <limits>
#include <map>

#include "config/fields.h"
#include "config/nearest.h"
#include "config/nesting.h"
#include "config/one_of.h"
#include "config/scalar.h"

namespace gyre::config {
namespace {

constexpr int deepest_condition = 100;
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

// Lists are equal when all in them is, in the same order; mappings in whatever order.
bool same_lists(Context& context, Value a, Value b) {
    const auto left = context.items(a);
    const auto right = context.items(b);
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](Value one, Value other) { return same_values(context, one, other); });
}

bool same_mappings(Context& context, Value a, Value b) {
    if (a->entries.size() != b->entries.size()) return false;
    std::map<std::string_view, const Entry*> others;
    for (const Entry& entry : b->entries) others.emplace(entry.key->text, &entry);
    return std::all_of(a->entries.begin(), a->entries.end(), [&](const Entry& one) {
        const auto other = others.find(one.key->text);
        return other != others.end() &&
               same_values(context, context.value_of(a, one), context.value_of(b, *other->second));
    });
}

bool same_values(Context& context, Value a, Value b) {
    const Nesting nesting(context, context.condition_depth, deepest_condition, a, "the values of 'equal'");
    if (!nesting) return false;
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
                    .expected = one_of(statements),
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
    const Nesting nesting(context, context.condition_depth, deepest_condition, value, "conditions");
    if (!nesting) return std::nullopt;
    if (value->entries.size() != 1) {
        context.report({.code = Code::several_conditions,
                        .at = value,
                        .message = "a condition is one statement; this has " + std::to_string(value->entries.size()),
                        .expected = one_of(statements) + "; 'and' and 'or' combine several"});
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

bool is_expression(std::string_view text) {
    const auto parsed = parse_expression(text);
    const auto* expression = std::get_if<Expression>(&parsed);
    return expression != nullptr && !expression->references().empty();
}

// Text that is no reference is true whatever it says, which nobody means.
Answer read_text(Context& context, Value value) {
    if (value->text.empty()) return false;
    const std::string text = clipped(value->text, 60);
    if (context.version == Version::v2_1 && is_expression(value->text)) {
        context.report(
            {.code = Code::bad_value,
             .at = value,
             .message =
                 "here an expression stands between '<<' and '>>'; without them this is text, which is always true",
             .expected = "<< " + text + " >>"});
        return std::nullopt;
    }
    context.warn({.code = Code::bad_value,
                  .at = value,
                  .message = "the condition '" + text + "' is text, and text is always true",
                  .expected = "true or false without quotes, a reference such as << parameters.name >>, or a statement "
                              "such as 'equal: [...]'"});
    return true;
}

Answer read_statement(Context& context, Value value) {
    if (!value || value.is(NodeKind::broken)) return std::nullopt;
    if (value.is(NodeKind::mapping)) return read_mapping(context, value);
    if (value.is(NodeKind::sequence) && value.referred) return !value->items.empty();  // were any steps given?
    if (value.is(NodeKind::sequence)) {
        report_wrong_type(context, value, "a condition", shape::text | shape::boolean | shape::mapping);
        return std::nullopt;
    }
    const Operand operand = *operand_of(value);
    const bool written = !value.referred && !value->made;
    if (written && std::holds_alternative<std::string>(operand)) return read_text(context, value);
    return is_truthy(operand);
}

}  // namespace

std::optional<Operand> operand_of(Value value) {
    if (value.is(NodeKind::null)) return Operand{};
    if (!value.is(NodeKind::scalar)) return std::nullopt;
    if (const auto flag = as_boolean(*value.node)) return Operand{*flag};
    const bool plain = value->style == ScalarStyle::plain;
    if (plain && is_nan_word(value->text))
        return Operand{Number{value->text, std::numeric_limits<double>::quiet_NaN()}};
    const auto number = plain ? read_number(value->text) : std::nullopt;
    return number ? Operand{*number} : Operand{value->text};
}

std::optional<bool> read_condition(Context& context, Value value, bool expressions) {
    const bool text =
        value.is(NodeKind::scalar) && !as_boolean(*value.node) && !value->text.empty() && !is_nan_word(value->text);
    if (!expressions || !text || value.referred || value->made) return read_statement(context, value);
    const auto operand = context.evaluate(value->text, value);
    return operand ? Answer{is_truthy(*operand)} : std::nullopt;
}

}  // namespace gyre::config
