#pragma once

// The names of pipeline values (config-language.md section 12): `<< pipeline.git.branch >>` and the like.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/expression.h"
#include "config/input.h"

namespace gyre::config {

// The value of `name` (without "pipeline."), null when this pipeline has none; nothing when no such name exists.
std::optional<Operand> pipeline_value(const CompileInput& input, std::string_view name);
std::vector<std::string> pipeline_value_names();
Operand operand_of(const Scalar& scalar);

}  // namespace gyre::config
