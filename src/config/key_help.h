#pragma once

// What each key of the tables (config/keys.h, config/step_keys.h) is for, in one sentence, and the words that are
// possible where only some are: what editors show. A test holds it complete.

#include <string_view>

namespace gyre::config {

struct KeyHelp {
    std::string_view mapping;  // MappingSpec::name; "" stands for every other one
    std::string_view key;
    std::string_view description;  // no full stop
    std::string_view words = {};   // separated by a space; empty: any value
};

// Null when there is none.
const KeyHelp* help_of(std::string_view mapping, std::string_view key);

}  // namespace gyre::config
