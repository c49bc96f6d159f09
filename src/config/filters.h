#pragma once

// `filters`: on which branches and tags a job runs (config-language.md section 7).
//
//   branch build | no `branches`      runs
//                | `only`             runs where one of it matches; `ignore` beside it is not looked at
//                | `ignore` alone     runs where none of it matches
//   tag build    | no `tags`          does not run
//                | `only`, `ignore`   as above
//
// Written as text (2.1) it is an expression over pipeline values, and nothing else decides.

#include <optional>
#include <vector>

#include "config/context.h"
#include "config/pattern.h"

namespace gyre::config {

struct WrittenPattern {
    Pattern pattern;
    Value at;
};

struct RefFilter {
    std::optional<std::vector<WrittenPattern>> only;
    std::optional<std::vector<WrittenPattern>> ignore;
};

struct Filters {
    std::optional<RefFilter> branches;
    std::optional<RefFilter> tags;
    std::optional<bool> decided;  // by an expression
};

// `value` may be null: no filters. Wrong patterns are reported and left out.
Filters read_filters(Context& context, Value value);
RefFilter read_ref_filter(Context& context, Value value);

// Whether the trigger of this compile passes. Reports expressions that take too long to match.
bool passes(Context& context, const Filters& filters);

}  // namespace gyre::config
