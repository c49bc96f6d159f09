#include "config/steps.h"

#include <algorithm>

#include "config/call.h"
#include "config/logic.h"
#include "config/nearest.h"
#include "config/nesting.h"
#include "config/one_of.h"

namespace gyre::config {
namespace {

constexpr int deepest_steps = 200;  // lists of them within each other, in the text and through calls

std::string in_backquotes(std::string_view name) { return "`" + std::string(name) + "`"; }

void report_unknown(Context& context, Value name) {
    if (context.leaves_out(Code::unknown_step, name)) return;
    const bool has_commands = context.version == Version::v2_1;
    std::vector<std::string> names;
    for (const StepSpec& spec : step_specs()) names.push_back(spec.attributes.name.data());
    if (has_commands) {
        for (std::string& command : element_names(ElementKind::command, *name.scope))
            names.push_back(std::move(command));
    }
    const bool needs_2_1 = !has_commands && name->text.find(' ') == std::string::npos;
    Problem problem{.code = Code::unknown_step,
                    .at = name,
                    .message = std::string(has_commands ? "no step or command" : "no step") + " is called '" +
                               name->text.substr(0, 60) + "'"};
    problem.suggestion = nearest(name->text, names);
    if (problem.suggestion.empty()) {
        const bool in_orb = has_commands && name.scope->elements->is_orb;
        problem.expected = needs_2_1 ? "a step of version 2; commands and orbs need 'version: 2.1'"
                           : in_orb  ? "a step, or a command of the orb itself; an orb does not see those of the config"
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
    const bool misindented = name == &step->entries.front() && name->value.node->kind == NodeKind::null;
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
    if (spec.since == Since::v2_1 && context.version == Version::v2) {
        context.report({.code = Code::needs_version_2_1,
                        .at = at,
                        .message = "the step " + in_backquotes(spec.attributes.name) + " needs 'version: 2.1'"});
        return false;
    }
    return true;
}

class Reader {
public:
    Reader(Context& context, std::vector<Step>& steps) : context_(context), steps_(steps) {}

    void read_list(Value list) {
        const Nesting nesting(context_, context_.nesting, deepest_steps, list,
                              "steps within steps, through commands and conditions,");
        if (!nesting) return;
        const std::vector<Value> items = context_.items(list);
        if (steps_.empty()) steps_.reserve(items.size());
        for (const Value item : items) {
            if (context_.is_exhausted()) return;
            // `- << parameters.x >>`, where `- steps: << parameters.x >>` would say it better.
            if (item.is(NodeKind::sequence) && item.referred) {
                read_list(item);
            } else {
                read_step(item);
            }
        }
    }

private:
    void read_step(Value step) {
        context_.spend(sizeof(Step), step);
        if (step.is(NodeKind::broken)) return;
        if (step.is(NodeKind::scalar)) return read_named(step, {});
        if (step.is(NodeKind::sequence)) {
            return context_.report({.code = Code::nested_steps,
                                    .at = step,
                                    .message = "a list of steps cannot be an item of 'steps'",
                                    .expected = context_.version == Version::v2_1
                                                    ? "'steps: << parameters.name >>', or the steps themselves"
                                                    : "the steps themselves; an alias of a list cannot be spliced in"});
        }
        if (!step.is(NodeKind::mapping) || step->entries.empty()) {
            return context_.report(
                {.code = Code::wrong_type, .at = step, .message = "an empty step", .expected = "a step's name"});
        }
        if (step->entries.size() > 1) return report_several_keys(context_, step);
        const Entry& entry = step->entries.front();
        const Value attributes = context_.value_of(step, entry);
        if (attributes) read_named(context_.key_of(step, entry), attributes);
    }

    void read_named(Value name, Value attributes) {
        if (attributes.is(NodeKind::broken)) return;
        if (context_.version == Version::v2_1) {
            const Lookup command = find_element(context_, ElementKind::command, name);
            if (command.element != nullptr) return call(*command.element, name, attributes);
            if (command.known) return;
        }
        const StepSpec* spec = find_step(name->text);
        if (spec == nullptr) return report_unknown(context_, name);
        if (check_available(context_, *spec, name)) read_built_in(*spec, name, attributes);
    }

    void call(Element& command, Value name, Value arguments) {
        if (arguments && !arguments.is(NodeKind::mapping) && !arguments.is(NodeKind::null)) {
            return report_wrong_type(context_, arguments, "what is given to the command '" + command.name + "'",
                                     shape::mapping);
        }
        read_command(context_, command, enter_call(context_, command, {name, given_by(context_, arguments)}), steps_);
    }

    void read_built_in(const StepSpec& spec, Value name, Value attributes) {
        const bool nothing = !attributes || attributes.is(NodeKind::null);
        if (spec.kind == StepKind::steps) return splice(name, attributes);
        const bool misplaced_text = attributes.is(NodeKind::scalar) && !spec.text;
        if ((nothing && !spec.bare) || misplaced_text) return report_wants_attributes(context_, spec, name);
        if (spec.kind == StepKind::when || spec.kind == StepKind::unless) return read_branch(spec, name, attributes);
        const bool is_run = spec.kind == StepKind::run || spec.kind == StepKind::deploy;
        auto step =
            is_run ? read_run(context_, spec, name, attributes) : read_file_step(context_, spec, name, attributes);
        if (step) steps_.push_back(std::move(*step));
    }

    void splice(Value name, Value list) {
        if (list.is(NodeKind::sequence)) return read_list(list);
        const bool other_type = list.is(NodeKind::scalar) && list.referred;
        context_.report({.code = Code::wrong_type,
                         .at = list ? list : name,
                         .message = "`steps` puts in the value of a parameter of type steps" +
                                    std::string(other_type ? "; this one is of another type" : ""),
                         .expected = other_type
                                         ? "'type: steps' where the parameter is declared, and a list as its value"
                                         : "'steps: << parameters.name >>'"});
    }

    // `when` and `unless`: the steps of a condition that does not hold are read too, for their mistakes.
    void read_branch(const StepSpec& spec, Value name, Value attributes) {
        const Fields fields(context_, attributes, spec.attributes, name);
        const Entry* condition = attributes.is(NodeKind::mapping) ? attributes->find("condition") : nullptr;
        std::optional<bool> holds;
        if (condition != nullptr) holds = read_condition(context_, context_.value_of(attributes, *condition), false);
        std::vector<Step> unused;
        const bool taken = holds == (spec.kind == StepKind::when);
        const Unreached unreached(context_, !taken);
        if (fields.has("steps")) Reader(context_, taken ? steps_ : unused).read_list(fields.get("steps"));
    }

    Context& context_;
    std::vector<Step>& steps_;
};

}  // namespace

void read_steps(Context& context, Value list, std::vector<Step>& steps) { Reader(context, steps).read_list(list); }

void read_command(Context& context, Element& command, Value body, std::vector<Step>& steps) {
    if (!body || body.is(NodeKind::broken)) return;
    const Fields fields(context, body, keys::command, command.key);
    if (fields.has("steps")) read_steps(context, fields.get("steps"), steps);
}

bool is_absent(Value text) { return text.is(NodeKind::scalar) && text->made && text->text.empty(); }

bool lacks_value(Context& context, Value needed, const std::string& what, const std::string& consequence) {
    if (!is_absent(needed)) return false;
    context.warn({.code = Code::bad_value,
                  .at = needed,
                  .message = what + " is empty, since this pipeline does not have that value: " + consequence});
    return true;
}

StepCondition read_step_condition(Context& context, const Fields& fields, StepCondition otherwise) {
    const Value value = fields.get("when");
    if (!value) return otherwise;
    const std::string text = context.text(value);
    if (text.empty()) return otherwise;
    if (const auto condition = enum_from<StepCondition>(text)) return *condition;
    context.report({.code = Code::bad_value,
                    .at = value,
                    .message = "'when: " + text.substr(0, 60) + "' is no condition of a step",
                    .expected = one_of(names_of<StepCondition>()),
                    .suggestion = nearest(text, names_of<StepCondition>())});
    return otherwise;
}

}  // namespace gyre::config
