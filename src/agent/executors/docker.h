#pragma once

// The executor for `docker` jobs, over the API of docker or of podman's service.

#include <memory>
#include <string>
#include <vector>

#include "agent/executor.h"
#include "agent/executors/engine_client.h"

namespace gyre::agent {

// Without a work directory it removes no image, as it cannot know which are ours.
std::unique_ptr<Executor> make_docker(EngineClient engine, const ExecutorSettings& settings = {});

// Where an engine may listen, in the order in which to try: the setting alone, where there is one; else DOCKER_HOST,
// docker's usual socket, the user's podman, the machine's podman. Empty arguments stand for what is not set. Only unix
// sockets are spoken to: a container's /run/gyre must be a directory of this machine.
std::vector<std::string> engine_sockets(const std::string& setting, const std::string& docker_host,
                                        const std::string& runtime_directory);

}  // namespace gyre::agent
