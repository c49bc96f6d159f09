#pragma once

// `tests split`: deals a list of test files out to the parallel tasks of a job. The shares of all indexes together are
// exactly the input, and the same input gives the same shares everywhere.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::injob {

// Words of a list: separated by spaces and line ends.
std::vector<std::string> words_of(std::string_view text);

// Sorted, then dealt out one by one.
std::vector<std::string> share_by_name(std::vector<std::string> names, std::size_t index, std::size_t total);

inline constexpr std::int64_t heaviest = 100'000'000'000;  // what is heavier counts as this

struct Weighted {
    std::string name;
    std::int64_t weight = 0;
};
// The heaviest first, each to the task that has least so far; those without weight are then dealt out evenly, beginning
// with the task that has least. Sorted by name.
std::vector<std::string> share_by_weight(std::vector<Weighted> items, std::size_t index, std::size_t total);

}  // namespace gyre::injob
