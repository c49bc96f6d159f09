#pragma once

// For tests: a shell line with `circleci` and the helper in its path.

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "injob/archive_in_test.h"

namespace gyre::injob::testing {

struct Ran {
    int code = -1;
    std::string output;
};

inline Ran shell(const std::string& line, const Directory& place) {
    std::filesystem::create_directories(place / "bin");
    for (const char* name : {"circleci", "circleci-agent", "gyre-injob"}) {
        std::error_code exists;
        std::filesystem::create_symlink(GYRE_INJOB, place / "bin/" + name, exists);
    }
    const std::string command =
        "cd '" + place.path + "' && PATH='" + place.path + "/bin':$PATH && { " + line + "; } 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    Ran ran;
    char bytes[4096];
    std::size_t got = 0;
    while ((got = fread(bytes, 1, sizeof bytes, pipe)) > 0) ran.output.append(bytes, got);
    const int status = pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

}  // namespace gyre::injob::testing
