#pragma once

// A node together with the path that led to it and the scope it is read in: a complaint about a shared node names the
// use that matters, and `<< parameters.x >>` means what it means at that place.

#include <string_view>

#include "config/node.h"

namespace gyre::config {

struct Scope;

// One station of the path.
struct Via {
    enum class Kind {
        alias,     // `at` is the alias
        merge,     // `at` is the alias or mapping given to `<<`
        argument,  // `at` is the scalar with the reference, which stands for a value written elsewhere
        call,      // `at` is where a command, an executor or a job is named; `inside` is the scope of its body
        matrix,    // `at` is the entry of the workflow; `inside` has the values of this copy
    };

    Kind kind = Kind::alias;
    const Node* at = nullptr;
    const Via* outer = nullptr;
    const Scope* inside = nullptr;
};

// Null (false) where there is nothing, or nothing that may be looked at.
struct Value {
    const Node* node = nullptr;
    const Via* via = nullptr;
    const Scope* scope = nullptr;
    bool referred = false;  // the whole of it came by a reference (config/resolve.cpp); what is within it did not

    explicit operator bool() const { return node != nullptr; }
    const Node* operator->() const { return node; }
    bool is(NodeKind kind) const { return node != nullptr && node->kind == kind; }
};

}  // namespace gyre::config
