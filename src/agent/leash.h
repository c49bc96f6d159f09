#pragma once

// Ties an agent to the process that it works for. Agents of a server outlive it, for the next one; the jobs of a
// `gyre run` do not outlive that, however it ends.

#include <sys/types.h>

#include <thread>

#include "agent/job_control.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

// A descriptor that becomes readable when our parent ends. Errors: `conflict` when `parent` is not ours any more: it
// has ended; `unavailable`.
Result<Fd> hold_leash(pid_t parent);

// From the moment when the leash becomes readable the job ends as a fenced one does: at once, and nothing is told.
class Leash {
public:
    Leash(int leash, JobControl& control);  // -1: none
    ~Leash();
    Leash(const Leash&) = delete;
    Leash& operator=(const Leash&) = delete;

private:
    Fd end_event_;
    std::thread thread_;
};

}  // namespace gyre::agent
