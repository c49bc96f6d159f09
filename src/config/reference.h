#pragma once

// `<< parameters.x >>`, `<< pipeline.y >>` and `<< matrix.z >>` in the text of version 2.1. Any other `<<` is text.

#include <string>
#include <string_view>

namespace gyre::config {

bool has_reference(std::string_view text);
// `\<<` is how 2.1 writes `<<` that is no reference.
std::string without_escapes(std::string_view text);

}  // namespace gyre::config
