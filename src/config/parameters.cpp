#include "config/parameters.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/fields.h"
#include "config/nearest.h"
#include "config/one_of.h"
#include "config/scalar.h"

namespace gyre::config {
namespace {

bool is_parameter_name(std::string_view name) {
    return !name.empty() && (is_letter(name.front()) || name.front() == '_') &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_variable_name(std::string_view name) {
    return !name.empty() && !is_digit(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

void check_name(Context& context, const Parameter& parameter, std::optional<ElementKind> owner) {
    if (!is_parameter_name(parameter.name)) {
        context.report({.code = Code::bad_parameter,
                        .at = parameter.key,
                        .message = "'" + clipped(parameter.name, 60) + "' cannot be the name of a parameter",
                        .expected = "a letter, then letters, digits, '-' and '_'"});
    }
    const bool taken = keys::workflow_job.find(parameter.name) != nullptr;
    if (taken && owner == ElementKind::job) {
        context.report({.code = Code::reserved_name,
                        .at = parameter.key,
                        .message = "a job's parameter cannot be called '" + parameter.name +
                                   "': in a workflow that key means something else",
                        .expected = "another name"});
    }
}

std::optional<ParameterType> read_type(Context& context, const Fields& fields, std::optional<ElementKind> owner) {
    const std::string written = fields.text("type");
    if (!fields.has("type")) return std::nullopt;
    std::vector<std::string> names{"string", "boolean", "integer", "enum"};
    if (owner) names.insert(names.end(), {"executor", "steps", "env_var_name"});
    if (std::find(names.begin(), names.end(), written) != names.end()) return enum_from<ParameterType>(written);
    const bool elsewhere = enum_from<ParameterType>(written).has_value();
    context.report({.code = Code::bad_parameter,
                    .at = fields.get("type"),
                    .message = elsewhere ? "a pipeline parameter cannot be of type '" + written + "'"
                                         : "'" + clipped(written, 60) + "' is no type of a parameter",
                    .expected = one_of(names),
                    .suggestion = nearest(written, names)});
    return std::nullopt;
}

void read_choices(Context& context, const Fields& fields, Parameter& parameter) {
    parameter.choices = fields.texts("enum");
    parameter.sorted_choices = parameter.choices;
    std::sort(parameter.sorted_choices.begin(), parameter.sorted_choices.end());
    if (parameter.type == ParameterType::enumeration && parameter.choices.empty()) {
        context.report({.code = Code::bad_parameter,
                        .at = parameter.key,
                        .message = "the parameter '" + parameter.name + "' of type enum needs the list 'enum'",
                        .expected = "enum: [...] with the values that may be given"});
        parameter.type.reset();
    }
}

// `default:` with nothing after it is a default: nothing, as far as the type knows such a thing.
void read_default(Context& context, Value body, Parameter& parameter, std::optional<ElementKind> owner) {
    const Entry* entry = body.is(NodeKind::mapping) ? body->find("default") : nullptr;
    if (!body.is(NodeKind::mapping) && !body.is(NodeKind::null)) return parameter.type.reset();  // reported as such
    if (entry == nullptr) {
        if (owner) return;
        context.report({.code = Code::bad_parameter,
                        .at = parameter.key,
                        .message = "the pipeline parameter '" + parameter.name + "' needs a 'default'"});
        parameter.type.reset();
        return;
    }
    Value value = context.value_of(body, *entry);
    if (!value) return;
    if (value.is(NodeKind::null) && parameter.type == ParameterType::string) {
        value = context.scalar_like(value, std::string(), ScalarStyle::quoted);
    }
    // What stands for "must be given" in some configs: an empty default that no value of the type is.
    const bool empty = value.is(NodeKind::scalar) && value->text.empty();
    const bool checked =
        !(empty && (parameter.type == ParameterType::env_var_name || parameter.type == ParameterType::enumeration));
    parameter.default_value = checked ? check_argument(context, parameter, value) : value;
}

Parameter read_parameter(Context& context, Value key, Value body, std::optional<ElementKind> owner) {
    Parameter parameter{.name = key->text, .key = key};
    check_name(context, parameter, owner);
    const Fields fields(context, body, keys::parameter, key);
    parameter.type = read_type(context, fields, owner);
    read_choices(context, fields, parameter);
    read_default(context, body, parameter, owner);
    return parameter;
}

bool fits_type(const Parameter& parameter, Value value) {
    const bool scalar = value.is(NodeKind::scalar);
    // What a value of the pipeline or an expression yields is text where text is wanted: nobody wrote it.
    const bool computed = value.referred && value->made;
    const bool typed = scalar && !computed && value->style == ScalarStyle::plain &&
                       (as_boolean(*value.node) || is_number(value->text));
    switch (*parameter.type) {
        case ParameterType::string:
            return scalar && !typed;
        case ParameterType::boolean:
            return as_boolean(*value.node).has_value();
        case ParameterType::integer:
            return scalar && value->style == ScalarStyle::plain && as_integer(value->text).has_value();
        case ParameterType::enumeration:
            return scalar &&
                   std::binary_search(parameter.sorted_choices.begin(), parameter.sorted_choices.end(), value->text);
        case ParameterType::executor:
            return scalar || value.is(NodeKind::mapping);
        case ParameterType::steps:
            return value.is(NodeKind::sequence);
        case ParameterType::env_var_name:
            return scalar && is_variable_name(value->text);
    }
    return false;
}

std::string expectation(const Parameter& parameter, Value value) {
    const bool plain = value.is(NodeKind::scalar) && value->style == ScalarStyle::plain;
    const std::string unquoted = plain ? "" : ", without quotes";
    switch (*parameter.type) {
        case ParameterType::string:
            if (value.referred) return "a parameter of type string, or text around the reference";
            return value.is(NodeKind::scalar) ? "text: \"" + clipped(value->text, 60) + "\", in quotes" : "text";
        case ParameterType::boolean:
            return "true or false" + unquoted;
        case ParameterType::integer:
            if (plain && as_number(value->text)) return "a whole number of at most 18 digits";
            return (plain ? "a whole number in decimal digits" : "a whole number") + unquoted;
        case ParameterType::enumeration:
            return one_of(parameter.choices);
        case ParameterType::executor:
            return "the name of an executor, or a mapping with its 'name' and arguments";
        case ParameterType::steps:
            return "a list of steps";
        case ParameterType::env_var_name:
            return "the name of an environment variable: letters, digits and '_', no digit first";
    }
    return {};
}

// What the trigger gave stands nowhere in the text: it has the place of the parameter (config/compile.cpp).
bool is_from_trigger(const Parameter& parameter, Value value) {
    return value->made && value->source == parameter.key->source && value->span.begin == parameter.key->span.begin;
}

void report_given(Context& context, const Parameter& parameter, Value value) {
    const std::string type(name_of(*parameter.type));
    context.report({.code = Code::wrong_argument,
                    .at = parameter.key,
                    .message = "the trigger gives '" + clipped(value->text, 60) + "' for the parameter '" +
                               parameter.name + "', which is of type " + type,
                    .expected = expectation(parameter, value) + ", given by --parameter or by the API"});
}

}  // namespace

std::vector<Parameter> read_parameters(Context& context, Value mapping, std::optional<ElementKind> owner) {
    std::vector<Parameter> parameters;
    if (!mapping || mapping.is(NodeKind::null)) return parameters;
    if (!mapping.is(NodeKind::mapping)) {
        report_wrong_type(context, mapping, "'parameters'", shape::mapping);
        return parameters;
    }
    for (const Entry& entry : mapping->entries) {
        const Value body = context.value_of(mapping, entry);
        if (!body || !context.spend(sizeof(Parameter), body)) break;
        parameters.push_back(read_parameter(context, context.key_of(mapping, entry), body, owner));
    }
    return parameters;
}

Value check_argument(Context& context, const Parameter& parameter, Value value) {
    if (!parameter.type || value.is(NodeKind::broken) || fits_type(parameter, value)) return value;
    if (is_from_trigger(parameter, value)) {
        report_given(context, parameter, value);
        return context.broken_like(value);
    }
    if (context.unreached == 0 && context.leaves_out(Code::wrong_argument, value)) return context.broken_like(value);
    const bool is_enum = parameter.type == ParameterType::enumeration && value.is(NodeKind::scalar);
    const std::string type(name_of(*parameter.type));
    context.report({.code = Code::wrong_argument,
                    .at = value,
                    .message = is_enum ? "'" + clipped(value->text, 60) + "' is none of the values of the parameter '" +
                                             parameter.name + "'"
                                       : "the parameter '" + parameter.name + "' is of type " + type + ", not " +
                                             std::string(kind_name(*value.node)),
                    .expected = expectation(parameter, value),
                    .suggestion = is_enum ? nearest(value->text, parameter.choices) : std::string(),
                    .notes = {Context::note("declared here", *parameter.key.node)}});
    return context.broken_like(value);
}

}  // namespace gyre::config
