#pragma once

// Reading small text files that people name: never without an end, never without bound. Only regular files are read,
// unless a function says otherwise; what is named may be anything.

#include <string>

#include "base/result.h"

namespace gyre::apps {

// Errors: not_found, invalid (not a regular file: says what it is), too_large (more than `most` bytes), denied or
// unavailable. Each names the path.
Result<std::string> read_text_file(const std::string& path, std::size_t most);

// At most the first `most` bytes of it; otherwise the same. Of a pipe where they are `read`, as in `validate <(make)`:
// what writers have written or still write; nothing when there is none.
enum class Pipes { refused, read };
Result<std::string> read_beginning(const std::string& path, std::size_t most, Pipes pipes = Pipes::refused);

// Standard input to its end; more than `most` bytes are too_large.
Result<std::string> read_standard_input(std::size_t most);

// The first line, without its end, of any kind of file (a pipe too); at most `most` bytes of it are read.
Result<std::string> read_first_line(const std::string& path, std::size_t most);

}  // namespace gyre::apps
