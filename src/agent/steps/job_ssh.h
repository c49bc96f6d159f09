#pragma once

// After a checkout over ssh, git in the job's own steps reaches the same remote: the host keys of the forges and those
// that its host showed are in `~/.ssh/known_hosts`, the checkout key is `~/.ssh/id_rsa`, which ssh looks for by itself.

#include <string>

#include "agent/job.h"
#include "agent/step_output.h"
#include "base/result.h"

namespace gyre::agent {

// Nothing for a remote that is not reached by ssh, nor in a job without a shell. `seen_hosts`: lines of known_hosts.
// The key is written only where the assignment gives it to the job; an id_rsa that is there is replaced. A second time
// changes nothing.
Result<void> prepare_ssh(const std::string& seen_hosts, Job& job, StepOutput& output);

}  // namespace gyre::agent
