#include "config/steps.h"

#include <algorithm>

#include "config/nearest.h"

namespace gyre::config {
namespace {

std::string in_backquotes(std::string_view name) { return "`" + std::string(name) + "`"; }

void report_unknown(Context& context, Value name) {
    if (context.is_unavailable(name) || context.full()) return;
    std::vector<std::string> names;
    for (const StepSpec& spec : step_specs()) names.push_back(spec.attributes.name.data());
    const bool needs_2_1 = context.version == Version::v2 && name->text.find(' ') == std::string::npos;
    Problem problem{
        .code = Code::unknown_step, .at = name, .message = "no step is called '" + name->text.substr(0, 60) + "'"};
    problem.suggestion = nearest(name->text, names);
    if (problem.suggestion.empty()) {
        problem.expected = needs_2_1 ? "a step of version 2; commands and orbs need 'version: 2.1'"
                                     : "a step such as `run` or `checkout`; a shell command goes into `run: ...`";
    }
    context.report(std::move(problem));
}

// `- run:` with its attributes at the same indentation is the most common mistake of all.
void report_several_keys(Context& context, Value step) {
    constexpr std::size_t most_named = 100;  // bytes
    std::string others;
    const Entry* name = nullptr;
    for (const Entry& entry : step->entries) {
        const bool is_name = name == nullptr && find_step(entry.key->text) != nullptr;
        if (is_name) {
            name = &entry;
        } else if (others.size() < most_named) {
            others += (others.empty() ? "'" : ", '") + clipped(entry.key->text) + "'";
        }
    }
    const bool misindented = name != nullptr && name->value.node->kind == NodeKind::null;
    Problem problem{.code = Code::several_keys, .at = context.key_of(step, name ? *name : step->entries.front())};
    if (misindented) {
        problem.message = "the attributes of " + in_backquotes(name->key->text) + " stand beside it, not below it";
        problem.expected = others + " indented two columns deeper than " + in_backquotes(name->key->text);
    } else {
        problem.message = "a step has exactly one key; this one has " + std::to_string(step->entries.size());
        problem.expected = "each step as an item of its own, and attributes indented below the step's name";
    }
    context.report(std::move(problem));
}

void report_wants_attributes(Context& context, const StepSpec& spec, Value at) {
    std::string needed;
    for (const KeySpec& key : spec.attributes.keys) {
        if (key.required) needed += (needed.empty() ? "'" : " and '") + std::string(key.name) + "'";
    }
    const std::string name(spec.attributes.name);
    context.report({.code = Code::missing_key,
                    .at = at,
                    .message = in_backquotes(name) + " needs " + (needed.empty() ? "attributes" : needed),
                    .expected = "a mapping below '" + name + ":'"});
}

bool check_available(Context& context, const StepSpec& spec, Value at) {
    const std::string name(spec.attributes.name);
    if (spec.since == Since::v2_1 && context.version == Version::v2) {
        context.report({.code = Code::needs_version_2_1,
                        .at = at,
                        .message = "the step " + in_backquotes(name) + " needs 'version: 2.1'"});
        return false;
    }
    if (spec.standing == Standing::supported) return true;
    context.not_yet("the step " + in_backquotes(name), at);
    return false;
}

std::optional<Step> read_named(Context& context, Value name, Value attributes) {
    const StepSpec* spec = find_step(name->text);
    if (spec == nullptr || context.unavailable.elements.contains(name->text)) {
        report_unknown(context, name);
        return std::nullopt;
    }
    if (!check_available(context, *spec, name)) return std::nullopt;
    const bool nothing = !attributes || attributes.is(NodeKind::null);
    const bool misplaced_text = attributes.is(NodeKind::scalar) && !spec->text;
    if (attributes.is(NodeKind::broken)) return std::nullopt;
    if ((nothing && !spec->bare) || misplaced_text) {
        report_wants_attributes(context, *spec, name);
        return std::nullopt;
    }
    const bool command = spec->kind == StepKind::run || spec->kind == StepKind::deploy;
    if (command) return read_run(context, *spec, name, attributes);
    return read_file_step(context, *spec, name, attributes);
}

std::optional<Step> read_step(Context& context, Value step) {
    context.spend(sizeof(Step), step);
    if (step.is(NodeKind::broken)) return std::nullopt;
    if (step.is(NodeKind::scalar)) {
        if (context.text(step).empty() && !step->text.empty()) return std::nullopt;  // a reference; reported
        return read_named(context, step, {});
    }
    if (step.is(NodeKind::sequence)) {
        context.report({.code = Code::nested_steps,
                        .at = step,
                        .message = "a list of steps cannot be an item of 'steps'",
                        .expected = "the steps themselves; an alias of a list cannot be spliced in"});
        return std::nullopt;
    }
    if (!step.is(NodeKind::mapping) || step->entries.empty()) {
        context.report({.code = Code::wrong_type, .at = step, .message = "an empty step", .expected = "a step's name"});
        return std::nullopt;
    }
    if (step->entries.size() > 1) {
        report_several_keys(context, step);
        return std::nullopt;
    }
    const Entry& entry = step->entries.front();
    const Value attributes = context.value_of(step, entry);
    if (!attributes) return std::nullopt;
    return read_named(context, context.key_of(step, entry), attributes);
}

}  // namespace

std::vector<Step> read_steps(Context& context, Value list) {
    std::vector<Step> steps;
    if (list && list->items.empty()) {
        context.report({.code = Code::bad_value,
                        .at = list,
                        .message = "the list of steps is empty",
                        .expected = "at least one step"});
    }
    for (const Value item : context.items(list)) {
        if (auto step = read_step(context, item)) steps.push_back(std::move(*step));
    }
    return steps;
}

StepCondition read_condition(Context& context, const Fields& fields, StepCondition otherwise) {
    const Value value = fields.get("when");
    if (!value) return otherwise;
    const std::string text = context.text(value);
    if (text.empty()) return otherwise;
    if (const auto condition = enum_from<StepCondition>(text)) return *condition;
    context.report({.code = Code::bad_value,
                    .at = value,
                    .message = "'when: " + text.substr(0, 60) + "' is no condition of a step",
                    .expected = "one of on_success, on_fail, always",
                    .suggestion = nearest(text, {"on_success", "on_fail", "always"})});
    return otherwise;
}

}  // namespace gyre::config
