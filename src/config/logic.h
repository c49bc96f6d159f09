#pragma once

// Conditions: what `when`, `unless` and `condition` hold, a value or a logic statement (`and`, `or`, `not`, `equal`,
// `matches`; config-language.md section 9).

#include <optional>

#include "config/context.h"

namespace gyre::config {

// A scalar as an operand: plain words of booleans and numbers are typed, null is null, everything else is text. Broken
// nodes and collections have none.
std::optional<Operand> operand_of(Value value);

// Nothing after a report, or over a value that has been reported. With `expressions`, text that is no reference is an
// expression (workflows), otherwise it is true unless empty (steps).
std::optional<bool> read_condition(Context& context, Value value, bool expressions);

}  // namespace gyre::config
