#pragma once

// What a message says would be right where it is one of a few.

#include <string>
#include <vector>

#include "base/enum_names.h"

namespace gyre::config {

// "one of a, b, c"; empty of none.
std::string one_of(const std::vector<std::string>& choices);

// The words of an enum's table (base/enum_names.h), in its order.
template <NamedEnum E>
std::vector<std::string> names_of() {
    std::vector<std::string> names;
    for (const auto& [value, name] : enum_names(E{})) names.emplace_back(name);
    return names;
}

}  // namespace gyre::config
