#pragma once

// `environment`: a mapping, a list of mappings, a list of `NAME=value`, or one such line. Values are text as written;
// null is empty.

#include "config/context.h"
#include "model/step.h"

namespace gyre::config {

// `value` may be null (nothing written). No name occurs twice.
Environment read_environment(Context& context, Value value);

// Each variable once, where it was first, with the value it had last.
Environment without_overridden(Environment environment);

}  // namespace gyre::config
