#pragma once

// Changes to a seed as a fuzzer makes them, the same for the same random numbers.

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::fuzz {

// A few changes: bytes flipped, cut, repeated, moved, and pieces of other seeds and of `words` put in. At most 64 KiB.
std::string mutated(std::string_view seed, const std::vector<std::string>& seeds, const std::vector<std::string>& words,
                    std::mt19937_64& random);

}  // namespace gyre::fuzz
