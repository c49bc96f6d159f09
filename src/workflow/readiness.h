#pragma once

// When a job may begin, what that does to it, and what follows from a job's end for those that wait for it. Shared by
// starting, rerunning and carrying on a workflow.

#include <string>
#include <vector>

#include "model/workflow.h"
#include "workflow/graph.h"

namespace gyre::workflow {

// Tasks 0..parallelism-1 that have not been queued yet.
std::vector<Task> waiting_tasks(int parallelism);

// Whether a required job that ended with this status is what `job` asks for.
bool is_as_required(const WorkflowJob& job, std::size_t required, JobStatus ended);

enum class Requirements {
    met,     // every required job has ended as required (so always when there is none)
    open,    // some have not ended yet
    missed,  // one has ended otherwise: the job will never run
};
Requirements requirements_of(const std::vector<WorkflowJob>& jobs, const WorkflowJob& job);

// blocked -> queued with all its tasks, or on_hold for an approval job. A no-op succeeds at once, and a job that no
// agent can run fails at once.
void make_ready(WorkflowJob& job, Timestamp at);

// Finishes the job with all its tasks.
void end_job(WorkflowJob& job, JobStatus status, std::string reason, Timestamp at);

// Looks at a blocked job: it becomes ready, or not_run when a requirement was missed, or stays as it is.
void look_again_at(std::vector<WorkflowJob>& jobs, std::size_t position, Timestamp at);

// Looks at everything behind the jobs that ended (positions), and behind those that end by it: these are added to
// `ended`. Answers the positions of those that have become ready and have not ended, in no order.
std::vector<std::size_t> follow_up(std::vector<WorkflowJob>& jobs, const Dependants& dependants,
                                   std::vector<std::size_t>& ended, Timestamp at);

}  // namespace gyre::workflow
