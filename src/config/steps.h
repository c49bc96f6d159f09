#pragma once

// The steps of a job. A step is a name, or a mapping with the name as its one key; the name is a command's or one of
// the built-in steps'. Commands, conditions and parameters of type steps are replaced by the steps that they stand for.

#include <optional>

#include "config/elements.h"
#include "config/fields.h"
#include "config/step_keys.h"
#include "model/step.h"

namespace gyre::config {

// Appends the list's steps. What is wrong is reported and left out.
void read_steps(Context& context, Value list, std::vector<Step>& steps);
// Appends those of a command. `body` comes from config/call.h and may be null.
void read_command(Context& context, Element& command, Value body, std::vector<Step>& steps);

// The kinds. `at` is the step's name, for complaints about the step as a whole; `attributes` may be null or text where
// the step's table says so. Nothing of a step that has nothing to do, or is none.
std::optional<Step> read_run(Context& context, const StepSpec& spec, Value at, Value attributes);
std::optional<Step> read_file_step(Context& context, const StepSpec& spec, Value at, Value attributes);

// A reference to a value that this pipeline does not have: its text is empty. Another pipeline may have the value.
bool is_absent(Value text);
// Whether `needed`, which a step cannot do without, is absent, which is a warning. `what`: "the command".
bool lacks_value(Context& context, Value needed, const std::string& what,
                 const std::string& consequence = "the step is left out");

// The attribute `when`.
StepCondition read_step_condition(Context& context, const Fields& fields, StepCondition otherwise);

}  // namespace gyre::config
