#pragma once

// The first process of a job: wire/supervisor_protocol.h on a connected socket, until it closes. Whatever the job or
// the agent sends, the supervisor does not die of it; when it ends, so does every process of the job.

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::injob {

// Connects to the agent's listening socket, waiting for it a few seconds.
Result<Fd> connect_to_agent(const std::string& path);

// `place`: where there are no walls around the job, a directory of its own, with our tools in bin/; scripts of steps go
// there too. Empty: wire::injob_directory, and wherever there is room. Returns the exit code of the program: 0 when no
// process of the job is left.
int supervise(Fd socket, const std::string& place);

}  // namespace gyre::injob
