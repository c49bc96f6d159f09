#pragma once

// `circleci tests`: glob, split and run, by the words that follow. They return the exit code.

#include "injob/messages.h"

namespace gyre::injob {

int tests_glob(const Words& words);
int tests_split(const Words& words);
int tests_run(const Words& words);

}  // namespace gyre::injob
