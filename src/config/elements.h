#pragma once

// What a config or an orb defines to be used by name: commands, executors and jobs with their parameters, and the orbs
// it imports. Definitions are found first; bodies are read when they are used (config/call.h).

#include <map>
#include <string>
#include <vector>

#include "config/context.h"
#include "config/element_kind.h"
#include "config/parameters.h"
#include "config/scope.h"

namespace gyre::config {

struct Element {
    ElementKind kind = ElementKind::command;
    std::string name;  // as seen from the config: "node/install" in an orb
    Value key;         // the name, where it is defined
    Value body;
    std::vector<Parameter> parameters;
    Elements* home = nullptr;
    bool used = false;
    int made = -1;  // of a job that takes no parameters: its place among the jobs made so far (config/job.h)
};

// An entry of `orbs`.
struct OrbUse {
    Value key;                     // the alias
    Elements* elements = nullptr;  // null: not available, which has been reported
    bool used = false;
    bool is_inline = false;
};

// An entry of `job-groups` (config/workflow_group.h).
struct JobGroup {
    Value key;
    Value body;
    bool used = false;
};

struct Elements {
    std::string prefix;  // "node/" in an orb imported as `node`; empty in the config
    bool is_orb = false;
    std::string reference;               // of an orb that was imported: "acme/tools@1.2.3"
    const Elements* importer = nullptr;  // of an orb
    int imports = 0;                     // how many orbs lie between the config and this one
    Scope scope;                         // in which definitions are read
    std::map<std::string, Element, std::less<>> commands, executors, jobs;
    std::map<std::string, OrbUse, std::less<>> orbs;
    std::map<std::string, JobGroup, std::less<>> groups;  // orbs have none

    std::map<std::string, Element, std::less<>>& of(ElementKind kind);
};

// Reads `commands`, `executors`, `jobs` and `orbs` of `root` (a mapping) into `elements`, whose scope refers to itself.
void read_elements(Context& context, Value root, Elements& elements);
// The entries of `orbs` (config/orbs.cpp).
void read_orbs(Context& context, Value orbs, Elements& elements);

// What `name` means in its scope. `known` without an element: it is of an orb that is not available, or unknown in one
// that is, and has been reported; say nothing more.
struct Lookup {
    Element* element = nullptr;
    bool known = false;
};
Lookup find_element(Context& context, ElementKind kind, Value name);
// All names of that kind that could stand in that scope, for suggestions.
std::vector<std::string> element_names(ElementKind kind, const Scope& scope);

}  // namespace gyre::config
