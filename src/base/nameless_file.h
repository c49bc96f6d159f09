#pragma once

// A file for what need not outlive its user: it has no name, so a crash leaves nothing.

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre {

// Open for reading and writing, on the disk of `directory`. `unavailable` names it.
Result<Fd> open_nameless_file(const std::string& directory);

}  // namespace gyre
