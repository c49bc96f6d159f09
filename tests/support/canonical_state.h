#pragma once

// What a data directory's database says, in a form in which two installations that went the same way are equal: without
// times, and with every random id, revision and blob replaced by a name that stands for what is said of it.

#include <map>
#include <set>
#include <string>
#include <vector>

namespace gyre::test {

struct CanonicalState {
    using Rows = std::map<std::string, std::vector<std::string>>;  // sorted, by table
    // First where an id stood is only said; then by what stands beside it; then by what stands beside those; and so on.
    std::vector<Rows> levels;
};

// `except` are "table" or "table.column". `replaced` texts (directories, addresses) become what stands beside them.
CanonicalState canonical_state(const std::string& data_directory, const std::set<std::string>& except,
                               const std::map<std::string, std::string>& replaced);

// What differs at the first level where something does, for people; empty: nothing.
std::string difference(const CanonicalState& one, const CanonicalState& other);

}  // namespace gyre::test
