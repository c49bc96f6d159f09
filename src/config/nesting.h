#pragma once

// A guard of a recursion that the text decides about, which uses the machine's stack: what the tree's height does not
// bound, since a reference stands for a whole value of its caller.

#include <string>

#include "config/context.h"

namespace gyre::config {

// One level more for the life of the guard. False, and reported as `too_deep`, when that is more than `deepest`.
class Nesting {
public:
    // `depth` counts the levels and outlives the guard; `what` begins the complaint ("steps within steps").
    Nesting(Context& context, int& depth, int deepest, Value at, const std::string& what)
        : depth_(depth), is_allowed_(++depth <= deepest) {
        if (is_allowed_ || !at) return;
        context.report({.code = Code::too_deep,
                        .at = at,
                        .message = what + " are nested deeper than " + std::to_string(deepest) + ", the limit"});
    }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    explicit operator bool() const { return is_allowed_; }

private:
    int& depth_;
    bool is_allowed_;
};

}  // namespace gyre::config
