#pragma once

// Runs a program to its end and collects what it prints, with bounds on time and size. For short tools of this machine
// (git); the steps of jobs are not run this way. Blocking; thread-safe.

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace gyre {

struct Command {
    std::vector<std::string> argv;         // argv[0] is looked up in PATH
    std::vector<std::string> environment;  // "NAME=value", on top of this process's own
    std::string directory;                 // empty: this process's own
    std::string input;                     // given to standard input
    std::size_t output_limit = 16 << 20;   // bytes of standard output; more is `too_large`
    std::chrono::milliseconds timeout{60'000};
};

struct Finished {
    int exit_code = 0;  // 128 + signal when killed
    std::string out;
    std::string err;  // at most the first 64 kB
};

// Errors: unavailable (cannot be started; timed out and killed), too_large. A non-zero exit code is not an error here.
Result<Finished> run(const Command& command);

}  // namespace gyre
