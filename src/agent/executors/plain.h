#pragma once

// Jobs as plain processes of this process's user, with no isolation at all, for an administrator who says so
// (--sandbox=none). A job can do whatever that user can, to the server and to other jobs as well.
//
// What is kept of "nothing of a job stays": home, temporary files, working directory (unless the config names another)
// and scripts are below the attempt's directory. The supervisor is the parent of all orphans of the job and kills them
// when the agent closes its socket or dies. Where the host lets us there is a control group as well. Should the
// supervisor itself be killed, processes are found by their mark (marked_processes.h). A process escapes that leaves
// the control group or has none, clears its environment, and outlives its supervisor; or that another service of the
// host starts at the job's wish (systemd, cron, a container engine). Privileges cannot be gained (no_new_privs), so
// that everything can be killed. What a job writes elsewhere on the host stays.

#include <memory>
#include <string>

#include "agent/executor.h"

namespace gyre::agent {

std::unique_ptr<Executor> make_plain(const ExecutorSettings& settings);

// `unavailable` when this process is root's: every job would be root.
Result<void> may_run_plain();

}  // namespace gyre::agent
