#pragma once

// Files that hold secrets: nobody but their owner may read them.

#include <cstddef>
#include <string>

#include "base/result.h"

namespace gyre {

// The whole of a plain file. invalid: it is something else, or others may read it (the message says what to do);
// too_large: more than `most` bytes; unavailable: the system refuses. No message holds what stands in the file.
Result<std::string> read_private_file(const std::string& path, std::size_t most);

}  // namespace gyre
