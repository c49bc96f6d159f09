#pragma once

// A planned workflow becomes a Workflow value: jobs without requirements are queued (approvals: on_hold; no-ops end) at
// once, the others blocked. A workflow of no-ops alone is over when it starts. Pure; ids, numbers and the time come
// from the caller.
//
// The plan is trusted to be what `config` promises: every name in `requires_` is a job of the same workflow, no cycle,
// at least one job. A plan that breaks this, or a wrong number of ids, is a bug: std::logic_error.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/effect.h"
#include "model/plan.h"
#include "model/workflow.h"

namespace gyre::workflow {

struct StartFacts {
    WorkflowId id;
    PipelineId pipeline;
    ProjectId project;
    std::string project_slug;  // names the organization that a serial group belongs to
    std::string started_by;
    Timestamp at{};
    std::span<const JobId> job_ids;  // one a planned job, also of those that run nothing
    std::int64_t first_number = 1;   // build numbers first_number .. + numbers_needed - 1, in the config's order
};

// How many build numbers the workflow takes: one a job, none for approvals and no-ops.
std::int64_t numbers_needed(const PlannedWorkflow& planned);

Workflow start(const Plan& plan, const PlannedWorkflow& planned, const StartFacts& facts);

// The first moment of a workflow that was just put together: its blocked jobs are looked at, and its status is set.
void first_moment(Workflow& made);

// What the world must be told about a workflow that start() or rerun() made, in the order of transition.h.
std::vector<Effect> first_effects(const Workflow& workflow);

}  // namespace gyre::workflow
