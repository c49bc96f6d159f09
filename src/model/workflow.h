#pragma once

// A workflow as a value: its jobs in the config's order, their tasks, and each task's attempts. Changed only by
// workflow::apply (src/workflow/transition.h).

#include <boost/describe.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"
#include "model/outcome.h"
#include "model/status.h"

namespace gyre {

struct Attempt {
    int number = 1;  // from 1
    AttemptState state = AttemptState::placed;
    std::string client;      // the machine it was placed on
    std::string token_hash;  // SHA-256 (hex) of the fencing token; set when claimed
    Timestamp placed_at{};
    std::optional<Timestamp> started_at;
    std::optional<Timestamp> stopped_at;
    std::optional<Outcome> outcome;  // set exactly when finished
    bool operator==(const Attempt&) const = default;
};

struct Task {
    int index = 0;
    TaskStatus status = TaskStatus::waiting;
    std::optional<Timestamp> queued_at;
    std::optional<Timestamp> ready_at;  // while it is queued for a retry: it is not placed before (workflow/retry.h)
    std::vector<Attempt> attempts;      // at most the last one is not finished
    bool operator==(const Task&) const = default;
};

// How a required job must have ended, where success is not what is asked (model/plan.h: RequiredStatuses).
struct RequiredEnd {
    std::size_t job = 0;              // one of WorkflowJob::requires_
    std::vector<JobStatus> statuses;  // any of them will do; all are terminal
    bool operator==(const RequiredEnd&) const = default;
};
BOOST_DESCRIBE_STRUCT(RequiredEnd, (), (job, statuses))

struct WorkflowJob {
    JobId id;
    std::string name;
    JobType type = JobType::build;
    std::int64_t number = 0;             // build_num, per project; 0 for jobs that run nothing (approval, no-op)
    int spec = -1;                       // index into the pipeline's plan
    std::vector<std::size_t> requires_;  // positions in Workflow::jobs; all must succeed but those named next
    std::vector<RequiredEnd> required_ends;
    std::string unavailable;   // why no agent can run it: it fails with this reason when its turn comes; empty: none
    std::string serial_group;  // "<organization>:<name>" (model/serial_hold.h); empty: none
    std::string job_group;     // of `job-groups`, by its name in this workflow; empty: none
    bool ssh = false;          // somebody wishes to look into it by SSH; stored and shown so far
    std::optional<JobId> failed_tests_of;  // of its tests, only those run that failed in this job; none: all
    JobStatus status = JobStatus::blocked;
    std::string reason;       // why it ended as it did, for people; empty on success
    std::vector<Task> tasks;  // parallelism many; none for jobs that run nothing
    std::string approved_by;
    std::string canceled_by;
    std::optional<JobId> kept_from;  // rerun from failed: the job of the earlier workflow whose result stands here
    Timestamp created_at{};
    std::optional<Timestamp> queued_at;
    std::optional<Timestamp> started_at;
    std::optional<Timestamp> stopped_at;
    bool operator==(const WorkflowJob&) const = default;
};

struct Workflow {
    WorkflowId id;
    PipelineId pipeline;
    ProjectId project;
    WorkflowId workspace;  // the id of the first run of this workflow; reruns share its workspace
    std::string name;
    std::optional<WorkflowId> rerun_of;  // the workflow that this one runs again
    int max_auto_reruns = 0;             // how often it is rerun from failed without being asked
    int auto_reruns = 0;                 // how often it was: above 0, nobody asked for this run
    WorkflowStatus status = WorkflowStatus::running;
    std::vector<WorkflowJob> jobs;
    std::string started_by;
    std::string canceled_by;
    Timestamp created_at{};
    std::optional<Timestamp> stopped_at;
    std::int64_t version = 0;  // grows by one with each stored change
    bool operator==(const Workflow&) const = default;
};

}  // namespace gyre
