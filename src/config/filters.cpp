#include "config/filters.h"

#include "config/fields.h"
#include "config/logic.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_an_expression = 1024;

void read_pattern(Context& context, Value value, std::vector<WrittenPattern>& patterns) {
    if (value.is(NodeKind::broken)) return;
    if (!value.is(NodeKind::scalar)) return report_wrong_type(context, value, "a pattern", shape::text);
    const std::string text = context.text(value);
    if (!context.spend(price_of_an_expression, value)) return;
    auto pattern = Pattern::make(text);
    if (!pattern) {
        return context.report({.code = Code::bad_pattern,
                               .at = value,
                               .message = "not a regular expression: " + pattern.error().message,
                               .expected = "a name, or /expression/ that matches the whole name"});
    }
    patterns.push_back({std::move(pattern).value(), value});
}

std::optional<std::vector<WrittenPattern>> read_patterns(Context& context, const Fields& fields, std::string_view key) {
    const Value value = fields.get(key);
    if (!value) return std::nullopt;
    std::vector<WrittenPattern> patterns;
    if (value.is(NodeKind::scalar)) read_pattern(context, value, patterns);
    for (const Value item : context.items(value)) read_pattern(context, item, patterns);
    return patterns;
}

bool any_matches(Context& context, const std::vector<WrittenPattern>& patterns, const std::string& name) {
    for (const WrittenPattern& one : patterns) {
        const Match match = one.pattern.matches(name, context.pattern_steps);
        if (match == Match::yes) return true;
        if (match == Match::too_expensive) {
            context.report({.code = Code::bad_pattern,
                            .at = one.at,
                            .message = "this expression takes too many steps to match '" + name.substr(0, 60) + "'",
                            .expected = "an expression without repetitions inside repetitions"});
        }
    }
    return false;
}

bool passes(Context& context, const RefFilter& filter, const std::string& name) {
    if (filter.only) return any_matches(context, *filter.only, name);
    return !filter.ignore || !any_matches(context, *filter.ignore, name);
}

}  // namespace

RefFilter read_ref_filter(Context& context, Value value) {
    const Fields fields(context, value, keys::ref_filter);
    return {read_patterns(context, fields, "only"), read_patterns(context, fields, "ignore")};
}

Filters read_filters(Context& context, Value value) {
    Filters filters;
    if (!value) return filters;
    if (value.is(NodeKind::scalar)) {
        if (context.version == Version::v2_1) {
            filters.decided = read_condition(context, value, true);
        } else {
            context.report({.code = Code::needs_version_2_1,
                            .at = value,
                            .message = "filters written as an expression need 'version: 2.1'"});
        }
        return filters;
    }
    const Fields fields(context, value, keys::filters);
    if (fields.has("branches")) filters.branches = read_ref_filter(context, fields.get("branches"));
    if (fields.has("tags")) filters.tags = read_ref_filter(context, fields.get("tags"));
    return filters;
}

bool passes(Context& context, const Filters& filters) {
    const CompileInput& input = context.input();
    if (filters.decided) return *filters.decided || (input.branch.empty() && input.tag.empty());
    if (!input.tag.empty()) return filters.tags && passes(context, *filters.tags, input.tag);
    if (input.branch.empty()) return true;
    return !filters.branches || passes(context, *filters.branches, input.branch);
}

}  // namespace gyre::config
