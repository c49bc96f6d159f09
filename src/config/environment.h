#pragma once

// `environment`: a mapping, a list of mappings, a list of `NAME=value`, or one such line. Values are text as written;
// null is empty.

#include "config/context.h"
#include "model/step.h"

namespace gyre::config {

// `value` may be null (nothing written).
Environment read_environment(Context& context, Value value);

}  // namespace gyre::config
