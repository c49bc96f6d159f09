#pragma once

// What programs under test have on this machine: for "nothing of a finished job stays", and for bounds on memory.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gyre::test {

struct RunningProcess {
    pid_t id = 0;
    pid_t parent = 0;
    std::string program;       // name of the executable file; empty when it may not be read
    std::string command_line;  // words separated by blanks
};

// From here on, orphans of what this process starts become its children: see descendants().
void adopt_orphans();
// Everything that this process started, directly or not, and that still runs, but databases: those belong to the test
// and end with it. Reaps adopted processes that ended, except `not_reaped` (somebody else waits for it).
std::vector<RunningProcess> descendants(pid_t not_reaped = 0);
void kill_descendants();

// Mounts at, below or of something below `directory`, in the mount namespace of every process that we may look at:
// sandboxes mount in namespaces of their own. `directory` has a name that nothing else has.
std::vector<std::string> mounts_below(const std::string& directory);
// Files and directories below `directory`, at any depth, whose name holds `text`.
std::vector<std::string> files_named(const std::string& directory, const std::string& text);
// cgroup directories whose name holds `text`.
std::vector<std::string> cgroups_named(const std::string& text);
// Bytes of memory that the process keeps for itself alone or its share of (PSS); 0 when it is gone.
std::int64_t memory_of(pid_t process);

// A sentence that names each; empty when nothing is left.
std::string described(const std::vector<RunningProcess>& processes);

}  // namespace gyre::test
