#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace gyre::apps {

// A secret value for a command: at a terminal one line that is not shown, else all of standard input without the last
// line's end. Never from an argument, where every process of the machine could read it. `invalid` when it is empty.
Result<std::string> read_secret(const std::string& what);
// The same for a text of several lines, such as a key: at a terminal up to Ctrl-D, nothing of it shown; else all of
// standard input. `too_large` beyond `most` bytes.
Result<std::string> read_secret_lines(const std::string& what, std::size_t most);
// The same for a private SSH key: `invalid` with what to give when it is none, before it goes anywhere.
Result<std::string> read_ssh_key();

}  // namespace gyre::apps
