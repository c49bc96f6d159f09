#pragma once

// The system calls that a job may not make in the sandbox, or as root of a container: whatever changes mounts or
// namespaces, loads code into the kernel, or belongs to subsystems with a history of escapes. They fail with EPERM or
// ENOSYS, so that programs can fall back; nothing is killed. ptrace is allowed: debuggers and leak checkers need it,
// and the process namespace confines it.

#include "base/fd.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::agent {

// A memory file with the filter as compiled BPF, at its beginning, for `bwrap --seccomp FD` and for supervisors.
Result<Fd> compile_seccomp_filter();

// The same in the form that runtimes of OCI containers read (config.json, linux.seccomp), for containers whose first
// process is not ours.
json::object seccomp_profile();

}  // namespace gyre::agent
