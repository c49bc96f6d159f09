#pragma once

// Paths and words as configs write them. Pure text; nothing here looks at a file system. Thread-safe.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::agent {

// `~` and `~/x` are in `home`, relative paths in `base`; "." and ".." are folded, and ".." never leaves the root.
std::string resolve_inside(std::string_view written, const std::string& base, const std::string& home);

// Splits a `shell:` value into words: blanks separate; single and double quotes and backslash keep them together.
Result<std::vector<std::string>> shell_words(std::string_view text);

// The name under which an artifact is kept: no leading slash, no empty, "." or ".." parts, no control characters,
// valid UTF-8. Nothing when no name is left.
std::optional<std::string> artifact_name(std::string_view path);

}  // namespace gyre::agent
