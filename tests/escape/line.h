#pragma once

// Ways out of a job, each tried from inside of one. The machine comes to no harm where one is open: a file of the
// kernel is opened for writing and not written to, a device below /dev is judged unopened (to open a watchdog arms it),
// a system call is given arguments that it refuses once it lets one in.

#include <functional>
#include <string>
#include <vector>

namespace gyre::escape {

// Paths of the host that no job may see.
using Hidden = std::vector<std::string>;

struct Line {
    std::string name;
    std::function<std::string()>
        got_out;  // what got out; empty: held. Throws when it could not look. In its own process
};
using Lines = std::vector<Line>;

Lines lines_of_files(const Hidden& hidden);
Lines lines_of_calls();
Lines lines_of_processes();
Lines lines_of_sockets(const Hidden& hidden);

// Opens the path; the errno is of no interest.
bool opens(const std::string& path, int flags);

}  // namespace gyre::escape
