#pragma once

// Guards of a reader on its way down. Nesting: of a recursion that the text decides about, which uses the machine's
// stack: what the tree's height does not bound, since a reference stands for a whole value of its caller. Unreached: of
// what is read for its form only.

#include <string>
#include <string_view>

#include "config/context.h"

namespace gyre::config {

// One level more for the life of the guard. False, and reported as `too_deep`, when that is more than `deepest`.
class Nesting {
public:
    // `depth` counts the levels and outlives the guard; `what` begins the complaint ("steps within steps").
    Nesting(Context& context, int& depth, int deepest, Value at, std::string_view what)
        : depth_(depth), is_allowed_(++depth <= deepest) {
        if (is_allowed_ || !at) return;
        context.report(
            {.code = Code::too_deep,
             .at = at,
             .message = std::string(what) + " are nested deeper than " + std::to_string(deepest) + ", the limit"});
    }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    explicit operator bool() const { return is_allowed_; }

private:
    int& depth_;
    bool is_allowed_;
};

// While it lives, and `is_unreached`, complaints that depend on values are not kept (Context::unreached).
class Unreached {
public:
    Unreached(Context& context, bool is_unreached) : count_(context.unreached), added_(is_unreached ? 1 : 0) {
        count_ += added_;
    }
    ~Unreached() { count_ -= added_; }
    Unreached(const Unreached&) = delete;
    Unreached& operator=(const Unreached&) = delete;

private:
    int& count_;
    int added_;
};

}  // namespace gyre::config
