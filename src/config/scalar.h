#pragma once

// What the words of a plain scalar mean (config-language.md section 2). Quoted text is always text.

#include <optional>
#include <string_view>

#include "config/node.h"

namespace gyre::config {

bool is_null_word(std::string_view text);                       // nothing, `~`, null, Null, NULL
std::optional<bool> as_boolean(const Node& node);               // true/yes/on, false/no/off in the three spellings
std::optional<std::int64_t> as_integer(std::string_view text);  // decimal digits with an optional sign
// What is read as an integer or a float, everywhere: decimal digits with an optional sign, point and exponent.
std::optional<double> as_number(std::string_view text);
bool is_number(std::string_view text);
bool is_nan_word(std::string_view text);  // `.nan`, which is a number in conditions only, and not true

}  // namespace gyre::config
