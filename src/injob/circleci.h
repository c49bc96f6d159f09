#pragma once

// The program as users call it in their steps, by the names `circleci` and `circleci-agent`: `step halt`, `tests glob`,
// `tests split`, `tests run`, `env subst`.

#include <string>
#include <vector>

namespace gyre::injob {

// The words after the program's name. Returns the exit code.
int circleci(const std::string& program, const std::vector<std::string>& words);

}  // namespace gyre::injob
