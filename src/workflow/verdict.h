#pragma once

// How a job ended, told by the last attempts of its tasks. The most severe task decides:
//     canceled > infrastructure_fail > timedout > failed > success
// among equals the one with the lowest index gives the reason.

#include <string>

#include "model/workflow.h"

namespace gyre::workflow {

struct Verdict {
    JobStatus status = JobStatus::success;
    std::string reason;  // for people; empty on success
};

// Of a job all of whose tasks are finished and were not stopped.
Verdict verdict(const WorkflowJob& job);

// Whether a job was ended by a cancel or the refusal of a context, whatever its attempts say. These may live on until
// they have stopped.
inline bool is_stopped(const WorkflowJob& job) {
    return !job.canceled_by.empty() || job.status == JobStatus::unauthorized;
}

}  // namespace gyre::workflow
