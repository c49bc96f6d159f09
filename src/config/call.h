#pragma once

// Calls: a command in a step, an executor in a job, a job in a workflow. A call binds what it gives to the parameters
// that the element declares, in a scope of its own in which the body is then read.

#include <vector>

#include "config/elements.h"
#include "config/keys.h"

namespace gyre::config {

struct Given {
    Value key;
    Value value;
};

struct Call {
    Value at;  // the name of what is called, where it is written; its scope is the caller's
    std::vector<Given> given;
};

// The entries of a mapping (which may be null) as arguments, but for those with keys of `options`, which are none.
std::vector<Given> given_by(Context& context, Value mapping, const MappingSpec* options = nullptr);

// The body, in the scope of the call. Reports missing, unknown and wrong arguments; each of these reads as broken
// inside. Null after a call of the element within itself, which is reported with its path.
Value enter_call(Context& context, Element& element, const Call& call);

// The body as it would be read with any arguments: to find what is wrong in what nobody calls.
Value enter_uncalled(Context& context, Element& element);

}  // namespace gyre::config
