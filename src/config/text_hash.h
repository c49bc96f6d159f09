#pragma once

// A hash for names that a config chooses. It differs from process to process, so that nobody can write thousands of
// names that meet in one place of a table: looking for each would take as long as there are names.

#include <cstddef>
#include <string_view>

namespace gyre::config {

struct TextHash {
    std::size_t operator()(std::string_view text) const;
};

}  // namespace gyre::config
