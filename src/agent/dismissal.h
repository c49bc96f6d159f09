#pragma once

// An agent that waits for work may be told to go, by SIGTERM, and may have made a container that has to go first. While
// this exists SIGTERM ends nothing by itself, but makes a descriptor readable. To be made before other threads are;
// afterwards, with a job, SIGTERM ends the agent as it ends any program: what stays is swept by the next one.

#include <csignal>

#include "base/fd.h"

namespace gyre::agent {

class Dismissal {
public:
    explicit Dismissal(int leash);  // see leash.h; -1: none
    ~Dismissal();
    Dismissal(const Dismissal&) = delete;
    Dismissal& operator=(const Dismissal&) = delete;

    // Readable: it was told to go, or nobody holds the leash any more.
    int event() const { return either_.get(); }
    bool was_told() const;  // to go

private:
    sigset_t before_{};
    Fd told_;    // signalfd
    Fd either_;  // epoll
};

}  // namespace gyre::agent
