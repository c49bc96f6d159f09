#pragma once

// What each code means, for `gyre config explain`, for SARIF and for the pages of the manual. The examples are tested:
// each wrong one gives its code, each right one compiles.

#include <span>
#include <string>
#include <string_view>

#include "config/diagnostic.h"

namespace gyre::config {

struct Explanation {
    Code code;
    std::string_view summary;     // one line, no full stop
    std::string_view meaning;     // what is wrong, and why the rule exists
    std::string_view fix;         // what to write instead; for warnings also when to leave it
    std::string_view wrong = {};  // a whole config; empty when `not_shown` says why there is none
    std::string_view right = {};
    std::string_view not_shown = {};
};

// All codes, in the order of the enum.
std::span<const Explanation> explanations();
const Explanation& explanation_of(Code code);

// As people read it, several lines.
std::string explained(const Explanation& explanation);

}  // namespace gyre::config
