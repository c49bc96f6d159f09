#pragma once

// A Docker engine for one job, for `setup_remote_docker`: a dockerd of its own on this machine, apart from any other
// engine. It has its own data, processes (namespaces of PIDs and mounts) and control groups; its network is the job's.
// It asks the job's servers for names. Its socket lies in the job's box and nowhere else that others could reach. All
// of it, with the containers that were started in it, is killed with this object, or with the agent, however that ends.
// The object waits some seconds for the end of what was killed; a process that hangs in the kernel stays until it does
// not.
//
// Whoever may speak with it is root on this machine: see docs/decisions/0065.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace gyre::agent {

inline constexpr const char* engine_directory = "docker";  // its data, in the attempt's scratch directory

struct RemoteDockerRequest {
    std::string directory;  // private, exists, of the agent; holds the engine's data, removed by the caller afterwards
    pid_t process = 0;      // one of the job's box, whose files and network it is for; 0: the box cannot have one
    std::int64_t process_started = 0;  // process_start_time() of it: another may have its number by now
    int cancel = -1;                   // a descriptor; readable: start() gives up soon
    std::string dockerd = "dockerd";
};

class RemoteDocker {
public:
    // Errors: `invalid` where this machine cannot do it, and why; `unavailable`: the job stops.
    static Result<std::unique_ptr<RemoteDocker>> start(const RemoteDockerRequest& request);
    RemoteDocker(const RemoteDocker&) = delete;
    ~RemoteDocker();

    const std::string& socket() const { return socket_; }  // a path inside the box
    const std::string& version() const { return version_; }

private:
    RemoteDocker() = default;
    std::string groups_;  // name of its control groups
    std::string socket_;
    std::string version_;
    pid_t process_ = 0;
};

}  // namespace gyre::agent
