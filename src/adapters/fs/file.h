#pragma once

// Reading and writing open files whole, with errors that name the path. `unavailable` is the only error.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::fs {

Result<std::int64_t> file_length(const Fd& file, const std::string& path);
// Up to `bytes` from the offset; shorter only at the end of the file.
Result<std::string> read_at(const Fd& file, const std::string& path, std::int64_t offset, std::size_t bytes);

// Appends all the bytes to a file of that length, or none of them: what was written of them is cut off again.
Result<void> append_whole(const Fd& file, const std::string& path, std::int64_t length, std::string_view bytes);
Result<void> sync_data(const Fd& file, const std::string& path);

// What stands in an open folder, in any order; nothing when it cannot be read.
std::vector<std::string> names_in(int folder);

}  // namespace gyre::fs
