#pragma once

// What follows of a workflow that breaks its law (check.h), without guessing: for `gyre doctor --repair`. Pure. What
// has ended stays ended, and what cannot go on ends by the rules of apply(). Mending again changes nothing more; one
// that keeps its law is left as it is, and so is one whose graph cannot be right.
//
//  * Beneath a job that ended: its tasks end, and attempts of which nobody tells the end had that of their job. But the
//    live attempt of a stopped job stays: its agent is still to tell that it stopped. A job without the time of its end
//    has that of its last attempt.
//  * In a job that goes on: an attempt that lives where none can is lost; a task without a live attempt that is placed
//    or running is tried again or ends, as its last attempt says; one that does not say was lost. A task with a live
//    attempt is placed or running as that is. When all tasks have ended, so does the job (verdict.h).
//  * In a workflow that ended: what is still open is canceled.
//  * Then blocked jobs are looked at, and the workflow gets the status that its jobs say (rollup.h).

#include <cstddef>
#include <string>
#include <vector>

#include "model/workflow.h"

namespace gyre::workflow {

struct Mended {
    Workflow next;
    std::vector<std::size_t> changed;  // positions of the jobs that differ, ascending
    std::vector<std::string> done;     // for people, a sentence each; none: nothing differs
};

Mended mend(Workflow workflow, Timestamp at);

}  // namespace gyre::workflow
