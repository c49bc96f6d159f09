#pragma once

// The names of things. Project, pipeline, workflow and job ids are UUIDs; an AttemptId is derived:
// "<job id>-<task index>-a<attempt number>".

#include "base/id.h"

namespace gyre {

using ProjectId = Id<struct ProjectTag>;
using PipelineId = Id<struct PipelineTag>;
using WorkflowId = Id<struct WorkflowTag>;
using JobId = Id<struct JobTag>;
using AttemptId = Id<struct AttemptTag>;
using EventId = Id<struct EventTag>;  // idempotency key of an event or trigger

inline AttemptId attempt_id(const JobId& job, int task, int number) {
    return {job.text + "-" + std::to_string(task) + "-a" + std::to_string(number)};
}

}  // namespace gyre
