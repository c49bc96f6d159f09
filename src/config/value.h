#pragma once

// A node together with the path that led to it, so that a complaint about a shared node names the use that matters.

#include "config/node.h"

namespace gyre::config {

// One station of the path; a call of a command, an executor or an orb's job will be further kinds.
struct Via {
    enum class Kind { alias, merge };

    Kind kind = Kind::alias;
    const Node* at = nullptr;
    const Via* outer = nullptr;
};

// Null (false) where there is nothing, or nothing that may be looked at.
struct Value {
    const Node* node = nullptr;
    const Via* via = nullptr;

    explicit operator bool() const { return node != nullptr; }
    const Node* operator->() const { return node; }
    bool is(NodeKind kind) const { return node != nullptr && node->kind == kind; }
};

}  // namespace gyre::config
