#pragma once

// The way from the agent into the sandbox: a child of the agent becomes bubblewrap, whose first process inside is the
// supervisor.
//
// An agent that is root sets the stage before that: in a mount namespace of its own, the child puts the root of the
// inside together (an overlay of the host's root whose writes stay in memory, with our views mounted into it) and gives
// up every privilege. For any other agent bubblewrap itself does the mounting, of a read-only root: a user cannot lay
// an overlay over a root with other mounts in it. Mounts live in private namespaces only, so that nothing of them is
// left when their processes are gone, however they went.

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "agent/executors/cgroup.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

// What the inside shows at a path instead of what the host has there.
struct View {
    enum class Kind {
        fresh,      // an empty directory in memory, of the job's user
        writable,   // `from` of the host
        read_only,  // `from` of the host
        text,       // a read-only file with the text `from`
        device,     // the node `from` of the host
    };
    Kind kind = Kind::fresh;
    std::string to;
    std::string from;
};

struct StagePlan {
    bool as_root = false;
    uid_t uid = 0;  // of the job; not 0
    gid_t gid = 0;
    std::string bubblewrap;
    std::string injob;  // the program that is shown in wire::injob_directory
    std::string start_directory;
    std::vector<std::string> system_mounts;  // as_root: shown read-only inside the overlay
    std::vector<View> views;                 // in order; a later one may lie in an earlier one
    std::vector<std::string> environment;    // "NAME=value", of the first process
    int most_processes = 4096;
};

// How the root directory of the inside came about.
enum class StageRoot {
    overlay,    // writes beside home and /tmp go to memory
    read_only,  // there are none
};

struct Staged {
    pid_t process = 0;
    StageRoot root = StageRoot::read_only;
    bool unlimited = false;  // it could not enter one of its control groups
};

// Descriptors for the child; all borrowed.
struct StageFds {
    int socket = -1;  // of the supervisor
    int seccomp = -1;
    int log = -1;  // bubblewrap's own messages
    const CgroupEntrances* cgroup = nullptr;
};

// Called on the thread that will wait for the child: the child dies with that thread.
Result<Staged> stage(const StagePlan& plan, const StageFds& fds);

}  // namespace gyre::agent
