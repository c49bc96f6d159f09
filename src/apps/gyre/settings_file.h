#pragma once

// Flat TOML files: settings and the command line's own (server, token). Only top-level keys with scalar values.

#include <map>
#include <string>

#include "base/result.h"

namespace gyre::apps {

// Values as text (numbers and booleans as written by TOML). Errors: those of read_text_file; invalid with
// file:line:column.
Result<std::map<std::string, std::string>> read_settings_file(const std::string& path);

// Replaces the file (mode 0600, made with its directory).
Result<void> write_settings_file(const std::string& path, const std::map<std::string, std::string>& values);

}  // namespace gyre::apps
