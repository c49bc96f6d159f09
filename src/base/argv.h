#pragma once

// Words as exec and posix_spawn take them. The pointers are good while `words` lives unchanged.

#include <string>
#include <vector>

namespace gyre {

inline std::vector<char*> argv_of(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    // The calls take char* and change nothing.
    for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace gyre
