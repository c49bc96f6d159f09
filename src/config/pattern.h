#pragma once

// A pattern of a filter: `/regular expression/`, which must match the whole of a name, or literal text.
// Expressions are PCRE2's (Java's syntax as far as filters use it). The work of matching is bounded.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre::config {

enum class Match { no, yes, too_expensive };

class Pattern {
public:
    // `invalid` says what is wrong with the expression and where.
    static Result<Pattern> make(std::string_view written);

    bool is_expression() const { return code_ != nullptr; }
    // `budget` is the number of steps that matching may still take, and is reduced by what it took, roughly.
    Match matches(std::string_view name, std::uint64_t& budget) const;

private:
    std::string literal_;
    std::shared_ptr<void> code_;  // pcre2_code
};

}  // namespace gyre::config
