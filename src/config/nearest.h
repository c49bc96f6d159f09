#pragma once

// "Did you mean ...?": the candidate that a typing mistake most likely stands for.

#include <string>
#include <string_view>
#include <vector>

namespace gyre::config {

// More are not looked at: there is no use in collecting them.
inline constexpr std::size_t most_candidates = 1000;

// The nearest candidate by edit distance (a swap of neighbours is one edit; case and '-' against '_' count nothing);
// ties go to the earlier one. When none is near: the one that starts with the name or has it among its words
// ("bool" and "boolean", "timeout" and "no_output_timeout"), if it is the only one. Otherwise nothing. Looks at the
// first of the candidates and at short names only.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace gyre::config
