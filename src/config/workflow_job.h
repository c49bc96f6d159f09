#pragma once

// One entry of a workflow's `jobs`: names are not resolved yet. An entry with a matrix stands for a copy for each
// combination of its values (config-language.md sections 7 and 8).

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/filters.h"
#include "config/job.h"

namespace gyre::config {

class Fields;

struct Requirement {
    std::string name;
    Value at;
    std::vector<JobStatus> statuses;  // any of which will do
};

struct Draft {
    Value at;           // the name of the job in the entry
    std::string job;    // the name in `jobs`
    std::string name;   // in the workflow or in the job group; empty: to be made from `job`
    Value name_at;      // null: not written
    std::string group;  // by which `requires` means all copies of a matrix; empty without one
    JobType type = JobType::build;
    bool available = true;  // false: what it stands for is not known, which has been reported
    bool named = true;      // false: how many jobs it makes and what they are called is not known, likewise
    std::vector<Requirement> required;
    std::map<std::size_t, std::vector<JobStatus>>
        statuses;  // by position: what else than success a required job may end as
    std::vector<std::string> contexts;
    Filters filters;
    std::string serial_group;
    int job_group = -1;  // place among those of the workflow; -1: of none
    int made = -1;       // place among the jobs (config/job.h); -1 for approvals
};

std::vector<Requirement> read_requires(Context& context, const Fields& fields);
std::string read_serial_group(Context& context, const Fields& fields);

// Appends what the entry stands for. Reports what is wrong.
void read_workflow_job(Context& context, Value entry, Jobs& jobs, std::vector<Draft>& drafts);

}  // namespace gyre::config
