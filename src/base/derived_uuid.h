#pragma once

// A UUID (version 8) derived from a text, always the same for it: for what needs the same name when it comes again.

#include <string>

namespace gyre {

std::string derived_uuid(const std::string& seed);

}  // namespace gyre
