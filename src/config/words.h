#pragma once

// One line of text split into words as a shell would, without expanding anything: quotes and backslashes only.
// For `command` and `entrypoint` of containers.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::config {

// A quote that is never closed is `invalid`.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace gyre::config
