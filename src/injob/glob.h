#pragma once

// File name patterns. `tests glob` has `*` (within one name), `**` (any number of directories), `?`, `[a-z]`, `[!a-z]`
// and `{a,b}`; workspace paths follow Go's filepath.Match: `*`, `?`, `[a-z]`, `[^a-z]`, no braces, `**` is `*`.
// A backslash takes the next character literally in both. Names beginning with a dot are matched like any other.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::injob {

enum class GlobRules { tests, workspace };

// Does one name (no slash) match one pattern component? A malformed class matches nothing.
bool matches_name(std::string_view pattern, std::string_view name, GlobRules rules);

// `invalid` when a class or brace is not closed.
Result<void> check_pattern(std::string_view pattern, GlobRules rules);

// "a{b,c}" -> "ab", "ac"; nested braces too. `too_large` beyond 10,000 alternatives.
Result<std::vector<std::string>> expand_braces(std::string_view pattern);

// Existing files and directories that match, sorted, without doubles, written as the pattern was (relative patterns
// give relative paths, resolved against `base`). `**` does not follow symbolic links. At most `limit` paths.
Result<std::vector<std::string>> glob(std::string_view pattern, const std::string& base, GlobRules rules,
                                      std::size_t limit = 1'000'000);

}  // namespace gyre::injob
