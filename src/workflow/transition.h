#pragma once

// The one function that changes a workflow: (workflow, event, time) -> (workflow, effects). Pure, total, idempotent.
//
// An event that is late, repeated or stale (an unknown job or task, another attempt than the live one, a finished job)
// gives the same workflow, no changed jobs and no effects; `changed` is empty exactly when `next` equals the workflow
// given. Time may jump backwards between events: no recorded duration becomes negative.
//
// Rules
//  * TaskPlaced makes the next attempt at a queued task; its number must be attempts.size() + 1. The job is running
//    from its first placement; its started_at is the first claim.
//  * TaskClaimed is a compare-and-set: only the first claim of a placed attempt counts. Whoever sees no change, or
//    another token hash than its own in the attempt, has lost.
//  * TaskFinished and TaskLost end the live attempt. An attempt that nobody claimed has no result to report: for it
//    only InfrastructureFailed, Canceled and TaskLost count. Infrastructure failures are retried after a while
//    (retry.h); everything else ends the task. When one parallel task fails the others run on; the job ends with its
//    last task (verdict.h).
//  * A job whose required jobs all ended as it asks (with success, unless the plan names other statuses) is queued
//    (approval: on_hold; no-op: success at once; one that no agent can run: failed at once). One of whose required jobs
//    ended otherwise becomes not_run, whatever the others do; what that means for those behind it is told likewise.
//  * CancelAsked ends at once: the job is `canceled`, its tasks are finished, no attempt is ever made again, dependants
//    become not_run unless they ask for it (of a whole workflow: canceled too). A live attempt gets StopAttempt and
//    stays placed or running, for it still occupies its machine, until TaskFinished or TaskLost; whatever these say,
//    its outcome is Canceled. This is the only change that a finished job or workflow still sees; a canceled attempt
//    cannot be claimed.
//  * ContextsRefused ends a queued or running job as unauthorized. What of it runs already (a parallel task that was
//    given its contexts before they were taken away) is stopped, as by a cancel.
//  * A workflow that failed, with nothing in it canceled by anybody, is rerun from failed as often as its plan says.
//  * Workflow status: rollup.h. Serial groups: serial.h. `version` is the store's.
//
// Effects, in this order: StopAttempt..., JobEnded one a job that ended (also not_run and canceled ones), WorkflowEnded
// once, AutoRerun once, WakeDispatch when tasks were queued or taken from the queue, or a machine's room became free.

#include <cstddef>
#include <vector>

#include "model/effect.h"
#include "model/event.h"
#include "model/workflow.h"
#include "workflow/roster.h"

namespace gyre::workflow {

struct Transition {
    Workflow next;
    std::vector<std::size_t> changed;  // positions of the jobs that differ, ascending
    std::vector<Effect> effects;
};

// O(jobs + requirements). Move the workflow in to avoid a copy.
Transition apply(Workflow now, const Event& event, Timestamp at);
// The same with the workflow's roster, which is that of `next` then: O(what the event changes).
Transition apply(Workflow now, Roster& roster, const Event& event, Timestamp at);

}  // namespace gyre::workflow
