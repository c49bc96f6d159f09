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

Answer read_equal(Context& context, Value list) {
    const auto items = read_list(context, list, "equal");
    if (!items) return std::nullopt;
    Answer answer = true;
    std::optional<Operand> first;
    for (const Value item : *items) {
        if (item.is(NodeKind::sequence) || item.is(NodeKind::mapping)) {
            report_wrong_type(context, item, "each value of 'equal'", shape::text);
        }
        auto operand = operand_of(item);
        if (!operand) {
            answer.reset();
        } else if (!first) {
            first = std::move(operand);
        } else if (answer && !same(*first, *operand)) {
            answer = false;
        }
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
    context.report({.code = Code::unknown_key,
                    .at = context.key_of(value, entry),
                    .message = "'" + clipped(name, 60) + "' is no statement of a condition",
                    .expected = "one of and, or, not, equal, matches",
                    .suggestion = nearest(name, statements)});
    return std::nullopt;
}

Answer read_statement(Context& context, Value value) {
    if (!value || value.is(NodeKind::broken)) return std::nullopt;
    if (value.is(NodeKind::mapping)) return read_mapping(context, value);
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
