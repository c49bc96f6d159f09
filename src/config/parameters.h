#pragma once

// `parameters`: what may be given to a command, an executor, a job or a pipeline, and the check of what is given
// (config-language.md section 9).

#include <optional>
#include <string>
#include <vector>

#include "base/enum_names.h"
#include "config/context.h"
#include "config/element_kind.h"

namespace gyre::config {

enum class ParameterType { string, boolean, integer, enumeration, executor, steps, env_var_name };
constexpr EnumNames<ParameterType, 7> enum_names(ParameterType) {
    return {{{ParameterType::string, "string"},
             {ParameterType::boolean, "boolean"},
             {ParameterType::integer, "integer"},
             {ParameterType::enumeration, "enum"},
             {ParameterType::executor, "executor"},
             {ParameterType::steps, "steps"},
             {ParameterType::env_var_name, "env_var_name"}}};
}

struct Parameter {
    std::string name;
    Value key;
    std::optional<ParameterType> type;        // nothing: its definition is wrong, and any value will do
    Value default_value;                      // null: an argument must be given
    std::vector<std::string> choices;         // of an enum
    std::vector<std::string> sorted_choices;  // the same, to look one up
    bool used = false;                        // a reference to it was met
};

// `mapping` may be null: none. `owner` declares them; nothing: the pipeline. Wrong definitions are reported and kept,
// so that their uses are not reported too.
std::vector<Parameter> read_parameters(Context& context, Value mapping, std::optional<ElementKind> owner);

// The value as the parameter takes it, or a broken one after a report.
Value check_argument(Context& context, const Parameter& parameter, Value value);

}  // namespace gyre::config
