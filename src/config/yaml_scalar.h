#pragma once

// How one text is written in YAML.

#include <string>
#include <string_view>

namespace gyre::config {

// On one line, as a key or a value: plain, or in quotes. `text` is UTF-8.
std::string yaml_line(std::string_view text);

// Whether a literal block can hold it: several lines, and no character that would need an escape.
bool fits_yaml_block(std::string_view text);
// "|-" and the lines, each but empty ones behind `margin`; two columns deeper than what it belongs to. The last line
// has no line end of its own.
std::string yaml_block(std::string_view text, const std::string& margin);

}  // namespace gyre::config
