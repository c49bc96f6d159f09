#pragma once

// The processes of a job, as /proc shows them. Everything here is best effort by nature: processes come and go.

#include <sys/types.h>

#include <vector>

namespace gyre::injob {

struct ProcessFacts {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t session = 0;
};

std::vector<ProcessFacts> list_processes();

// To every process of the session; also to the process group of its leader, should /proc not be readable.
void signal_session(pid_t session, int number);

// To every process but the caller: all of the process namespace when the caller is its first process, otherwise the
// caller's descendants (it must be their subreaper).
void signal_everything(int number);

}  // namespace gyre::injob
