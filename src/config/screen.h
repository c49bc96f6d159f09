#pragma once

// The cheap look at a text before any YAML is parsed: size, UTF-8, and characters that YAML does not allow.

#include <optional>

#include "config/diagnostic.h"

namespace gyre::config {

// The first thing that makes the text unreadable, if any.
std::optional<Diagnostic> screen(const Source& source, std::size_t max_bytes);

}  // namespace gyre::config
