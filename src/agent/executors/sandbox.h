#pragma once

// The executor for hosts without a container engine: a job runs on this host's own file system, in a sandbox of
// bubblewrap with an overlay of ours (see sandbox_stage.h). No image is used, and it says so.
//
// Inside: the user `circleci` (never root; a user id of its own where the agent is root, else the agent's), namespaces
// for users, processes, IPC, host name, cgroups and mounts, no capabilities, no_new_privs, a seccomp filter, limits of
// the resource class where this host has cgroups for us. /home, /root, /run, /tmp and the server's data are covered.
// The network is the host's.

#include <memory>

#include "agent/executor.h"
#include "base/result.h"

namespace gyre::agent {

// Error: `unavailable`, naming what to install.
Result<std::unique_ptr<Executor>> make_sandbox(const ExecutorSettings& settings);

}  // namespace gyre::agent
