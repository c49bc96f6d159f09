#pragma once

// Runs a program on this machine (git; our own packer) in a process group of its own, which ends when the job must
// stop. Blocking.

#include <string>
#include <vector>

#include "agent/job_control.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

struct HostCommand {
    std::vector<std::string> argv;
    std::string directory;                 // empty: this process's own
    std::vector<std::string> environment;  // "NAME=value", on top of this process's own, less its GIT_DIR and the like
};

struct HostEnd {
    int code = 0;     // 128 + signal when killed
    std::string out;  // at most 1 MB; empty when `out` was given
    std::string err;  // at most 16 kB, without the last newline
};

// `out`: where standard output goes; empty: collected. `unavailable` when it cannot start or the job stops.
Result<HostEnd> run_on_host(const HostCommand& command, JobControl& control, Fd out = {});

}  // namespace gyre::agent
