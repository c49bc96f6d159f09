#pragma once

// Starts agent processes on this machine. One agent process carries out one attempt: it asks the gateway for work
// (claim), does it, and exits. Thread-safe. A launched agent survives the server.

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace gyre {

class Launcher {
public:
    virtual ~Launcher() = default;
    // Starts agents until `wanted` of them are waiting for work or about to. Cheap when nothing is to be done.
    virtual Result<void> ensure_waiting(int wanted) = 0;
    // The same, and of agents of earlier servers no more stay than `wanted` leaves room for: each start would otherwise
    // add some. Holds until called again, or until more are wanted.
    virtual Result<void> keep_waiting(int wanted) = 0;
    // A process asks for work, and there is none for it yet: it counts, also when an earlier server launched it.
    virtual void waits(std::int64_t process) = 0;
    // An agent process takes an attempt: from now on its death is reported by `on_death` with that name. An empty name
    // says that it came to nothing, and that the process waits again. False: the process is gone or was let go, or has
    // taken another attempt, and takes nothing.
    virtual bool took(std::int64_t process, const std::string& attempt_id) = 0;
    // Called from a thread of the launcher, once a process that took an attempt is gone.
    virtual void on_death(std::function<void(const std::string& attempt_id)> call) = 0;
    // Kills the process that took the attempt, and everything it started. Harmless when it is gone already.
    virtual void kill(const std::string& attempt_id) = 0;
};

}  // namespace gyre
