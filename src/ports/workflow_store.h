#pragma once

// The durable truth about pipelines and workflows, written by the conductor alone.
//
// commit() is one transaction: event-log row, new state, outbox rows. It is durable when it returns (SQLite:
// synchronous=FULL) unless the commit says otherwise. An event id that is already in the log makes commit() answer
// `duplicate` and change nothing. Thread-safe. Errors: conflict (somebody else stored a newer version: load and try
// again), unavailable, corrupt.

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/effect.h"
#include "model/pipeline.h"
#include "model/serial_hold.h"
#include "model/workflow.h"
#include "ports/durable.h"
#include "ports/schedule_store.h"

namespace gyre {

struct Numbers {
    std::int64_t pipeline = 0;     // the reserved pipeline number; 0 if none was asked for
    std::int64_t first_build = 0;  // the first of the reserved build numbers
};

// The workflow with those of its jobs alone; it is only borrowed, so that the others need not be copied.
inline Workflow with_only(Workflow& workflow, const std::vector<std::size_t>& positions) {
    auto jobs = std::exchange(workflow.jobs, {});
    Workflow part = workflow;
    workflow.jobs = std::move(jobs);
    for (const auto position : positions) part.jobs.push_back(workflow.jobs.at(position));
    return part;
}

struct Commit {
    EventId event;        // idempotency key; also the event-log row's key
    std::string kind;     // for the log: "trigger", "task_finished", "rerun", ...
    json::value payload;  // the event itself
    Timestamp at{};
    std::optional<Pipeline> pipeline;  // written whole when present (new, or its state changed)
    // As they shall be, their versions still those that were loaded. A new one (version 0) has all its jobs, in their
    // order; a stored one those that changed: the others stay as they are.
    std::vector<Workflow> workflows;
    std::vector<Effect> effects;
    std::vector<SerialHold> holds;     // refused with `conflict`, naming the holder, while another holds one of them
    std::vector<SerialHold> releases;  // a hold that is not there, or another's, is left alone
    std::optional<BranchSchedules> schedules;  // replace what a branch of the pipeline's project had
    Durable durable = Durable::now;
};

enum class Committed { stored, duplicate };

// A workflow that has not ended, with its pipeline.
struct OpenWorkflow {
    WorkflowId workflow;
    PipelineId pipeline;
    std::int64_t pipeline_number = 0;
    bool operator==(const OpenWorkflow&) const = default;
};

class WorkflowStore {
public:
    virtual ~WorkflowStore() = default;

    // Reserves numbers of a project, in a transaction of its own: a crash may leave gaps, never duplicates. Durable
    // with the next commit, the first that can use them.
    virtual Result<Numbers> reserve(const ProjectId& project, bool pipeline, int builds) = 0;
    virtual Result<Committed> commit(const Commit& commit) = 0;
    // Stores the first of them, in this order, and answers how many: the one after these is a duplicate or in conflict,
    // which commit() will tell. They become durable together, as the most urgent of them wants, so that the disk works
    // once for all; whoever stores them in one transaction may store none where it cannot store all.
    virtual Result<std::size_t> commit_all(std::span<const Commit> commits) {
        for (std::size_t i = 0; i < commits.size(); ++i) {
            const auto committed = commit(commits[i]);
            if (!committed && committed.error().fault != Fault::conflict) return committed.error();
            if (!committed || *committed == Committed::duplicate) return i;
        }
        return commits.size();
    }
    virtual Result<Workflow> load(const WorkflowId& id) = 0;
    virtual Result<WorkflowId> workflow_of(const JobId& job) = 0;
    // Its workflow, of whose jobs only this one is there: a workflow may have thousands, of which most are asked for
    // one by one. What names jobs by their position (`requires_`) says nothing then.
    virtual Result<Workflow> load_job(const JobId& job) {
        GYRE_TRY_ASSIGN(const auto id, workflow_of(job));
        GYRE_TRY_ASSIGN(Workflow workflow, load(id));
        std::erase_if(workflow.jobs, [&](const WorkflowJob& other) { return other.id != job; });
        if (workflow.jobs.empty()) return not_found("there is no job " + job.text);
        return workflow;
    }
    virtual Result<Pipeline> load_pipeline(const PipelineId& id) = 0;  // with its plan
    virtual Result<std::vector<WorkflowId>> unfinished() = 0;          // oldest first
    // Likewise, of the pipelines of one branch; none for tags.
    virtual Result<std::vector<OpenWorkflow>> unfinished_on(const ProjectId& project, const std::string& branch) = 0;
    // The greatest number below this one that a job on that branch has; none on no branch.
    virtual Result<std::optional<std::int64_t>> number_before(const ProjectId& project, const std::string& branch,
                                                              std::int64_t number) = 0;
    virtual Result<std::vector<SerialHold>> serial_holds() = 0;  // by group
};

}  // namespace gyre
