#pragma once

// Running a finished workflow again makes a new workflow of the same pipeline: new id, new job ids, new build numbers
// for what runs, the old workspace. Pure; the old workflow is not touched.
//
// Kept jobs (those whose success stands): status success, `kept_from` names the job that really ran (through any number
// of reruns), number and times are that job's, tasks are finished and without attempts. So a build number may occur
// once a rerun in jobs with kept_from; logs, artifacts and results of a number are those of the job without kept_from.
//
// The jobs of a job-group that is a serial group run again together or not at all: what stands between them is theirs.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/rerun_kind.h"
#include "model/workflow.h"

namespace gyre::workflow {

struct RerunFacts {
    WorkflowId id;
    std::string started_by;
    Timestamp at{};
    std::span<const JobId> job_ids;  // one a job of the old workflow
    std::int64_t first_number = 1;   // numbers_needed() many, in the config's order
    bool ssh = false;                // of the chosen jobs
    bool failed_tests = false;       // jobs that failed are told which (WorkflowJob::failed_tests_of)
    bool automatic = false;          // nobody asked: it counts towards the plan's limit
};

// Positions of the jobs that would run. Errors: conflict (the workflow has not ended; nothing failed), not_found (a
// chosen id is no job of the workflow), invalid (kind `jobs` without a choice). `chosen` is read for kind `jobs` only.
Result<std::vector<std::size_t>> jobs_to_rerun(const Workflow& old, RerunKind kind, std::span<const JobId> chosen = {});

// Build numbers that rerunning these positions takes.
std::int64_t numbers_needed(const Workflow& old, std::span<const std::size_t> positions);

// Errors as jobs_to_rerun. A wrong number of ids is a bug: std::logic_error.
Result<Workflow> rerun(const Workflow& old, RerunKind kind, const RerunFacts& facts,
                       std::span<const JobId> chosen = {});

}  // namespace gyre::workflow
