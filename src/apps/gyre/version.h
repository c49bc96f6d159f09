#pragma once

#include <string_view>

namespace gyre::apps {

std::string_view version();  // "0.1.0"

}  // namespace gyre::apps
