#pragma once

// Warnings for what is legal but wrong, found over the whole config (those about one value: config/literals.h). They
// speak of the config's own text only, orbs written in it included.

#include "config/expansion.h"

namespace gyre::config {

// Jobs, job groups, commands, executors, parameters and orbs that nothing uses. Definitions that nothing uses are read
// as well: what is wrong in them is a warning; and an error where not all is `known` that may use them. Call when
// everything that is used has been read.
void check_unused(Context& context, Elements& elements, const std::vector<Parameter>& pipeline, Jobs& jobs, bool known);

// Parameters that the body of an element which has been read does not refer to.
void check_parameters(Context& context, const Element& element);

// Jobs of a workflow that no trigger can make run. Says what can be proven: filters are compared as far as they let no
// branch, no tag or neither through.
void check_reachable(Context& context, const WorkflowDraft& workflow);

}  // namespace gyre::config
