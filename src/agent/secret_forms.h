#pragma once

// The texts as which a secret may appear in output: itself and each of its lines, both in hexadecimal and
// percent-encoded, too; all of it in base64 (as a part of a longer text, too), in hexadecimal with blanks or
// colons between the bytes or %, \x or \u00 before each, inside HTML, JSON and JSON within JSON, and quoted for a shell
// as `set -x` of bash and dash, `printf %q` and `declare -p` print it. Thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "model/step.h"

namespace gyre::agent {

inline constexpr std::size_t shortest_secret = 4;  // bytes; shorter values would mask ordinary text

std::vector<std::string> secret_forms(std::string_view value);
// The forms of all values, sorted, each once.
std::vector<std::string> secret_forms(const Environment& secrets);

}  // namespace gyre::agent
