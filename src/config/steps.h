#pragma once

// The steps of a job. A step is a name, or a mapping with the name as its one key.

#include <optional>

#include "config/fields.h"
#include "config/step_keys.h"
#include "model/step.h"

namespace gyre::config {

// What is wrong is reported and left out.
std::vector<Step> read_steps(Context& context, Value list);

// The kinds. `at` is the step's name, for complaints about the step as a whole; `attributes` may be null or text where
// the step's table says so.
Step read_run(Context& context, const StepSpec& spec, Value at, Value attributes);
std::optional<Step> read_file_step(Context& context, const StepSpec& spec, Value at, Value attributes);

// The attribute `when`.
StepCondition read_condition(Context& context, const Fields& fields, StepCondition otherwise);

}  // namespace gyre::config
