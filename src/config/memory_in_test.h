#pragma once

// For tests: how much memory a compile takes, measured in a process of its own.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "config/test_support.h"

namespace gyre::config::test {

constexpr bool can_measure_memory() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return true;
#endif
}

inline long peak_kilobytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

// By how much the peak grows, the text itself not counted; at most 255, and 255 when the process died.
inline int megabytes_to_compile(std::string_view text, const CompileInput& input = {.branch = "main"}) {
    const pid_t child = ::fork();
    if (child == 0) {
        const long before = peak_kilobytes();
        const CompileResult result = compile(text, input);
        ::_exit(static_cast<int>(std::min((peak_kilobytes() - before) >> 10, 255L)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

}  // namespace gyre::config::test
