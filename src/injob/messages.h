#pragma once

// What the commands of `circleci` say: answers on standard output, all else on standard error.

#include <string>
#include <vector>

#include "injob/arguments.h"

namespace gyre::injob {

using Words = std::vector<std::string>;

// "error: <message>". Returns the exit code.
int fail(const std::string& message, int code = exit_failed);
void say(const std::string& message);  // a line
int print_lines(const Words& lines);

// "a", "b" and 3 more: what a list may take of a log.
std::string some_of(const Words& names, std::size_t most = 5);

}  // namespace gyre::injob
