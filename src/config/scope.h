#pragma once

// What names mean at a place: `parameters.x` and `matrix.x` in references, and unqualified names of commands,
// executors, jobs and orbs. Scopes are lexical: the caller's parameters are not seen in what it calls. All live as long
// as their Context.

#include <functional>
#include <map>
#include <string>

#include "config/value.h"

namespace gyre::config {

struct Element;
struct Elements;
struct Parameter;

// A value bound to a name, by a call, a default, a matrix or the trigger.
struct Argument {
    Value value;
    Parameter* declared = nullptr;  // null in a matrix; told when the argument is used
    bool is_default = false;
};
using Arguments = std::map<std::string, Argument, std::less<>>;

struct Scope {
    Elements* elements = nullptr;           // never null once reading begins
    const Arguments* parameters = nullptr;  // null: not inside an element
    const Arguments* matrix = nullptr;      // null: not inside an entry with a matrix
    Element* element = nullptr;             // whose body is read here; null at the top
    const Scope* caller = nullptr;          // the scope of the call
};

}  // namespace gyre::config
