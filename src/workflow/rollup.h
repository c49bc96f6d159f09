#pragma once

// What a workflow's jobs say about the workflow: a fold over their statuses. First rule that holds:
//
//   while a job may still change
//     1. failing   a job has failed (failed, timedout, infrastructure_fail, unauthorized)
//     2. on_hold   some approval waits for a person, and nothing is queued or running
//     3. running
//   once no job will change again
//     4. canceled  the whole workflow was canceled
//     5. failed    a job has failed (as above, but unauthorized alone is `unauthorized`)
//     6. canceled  a job was canceled
//     7. success   a job succeeded (jobs that a rerun left out are not_run and do not count)
//     8. not_run

#include "model/workflow.h"

namespace gyre::workflow {

// How many jobs say what.
class Tally {
public:
    void add(JobStatus status, int count = 1);
    WorkflowStatus status(bool whole_canceled) const;

private:
    int waiting_ = 0;  // blocked: says nothing by itself
    int active_ = 0;
    int on_hold_ = 0;
    int failed_ = 0;
    int unauthorized_ = 0;
    int canceled_ = 0;
    int success_ = 0;
};

WorkflowStatus rollup(const Workflow& workflow);

}  // namespace gyre::workflow
