#pragma once

// The first process of a job: wire/supervisor_protocol.h on a connected socket, until it closes. Whatever the job or
// the agent sends, the supervisor does not die of it; when it ends, so does every process of the job.

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace gyre::injob {

// Connects to the agent's listening socket, waiting for it a few seconds.
Result<Fd> connect_to_agent(const std::string& path);

// Returns the exit code of the program.
int supervise(Fd socket);

}  // namespace gyre::injob
