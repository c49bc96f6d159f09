#pragma once

// One entry of a workflow's `jobs`, as written: names are not resolved yet.

#include <optional>
#include <string>
#include <vector>

#include "config/filters.h"
#include "config/job.h"

namespace gyre::config {

struct Requirement {
    std::string name;
    Value at;
};

struct Draft {
    Value at;          // the name of the job in the entry
    std::string job;   // the name in `jobs`
    std::string name;  // in the workflow; empty: to be made from `job`
    Value name_at;
    JobType type = JobType::build;
    bool available = true;  // false: defined by means that are not available yet (and reported)
    std::vector<Requirement> required;
    std::vector<std::string> contexts;
    Filters filters;
};

// Marks the job it names as used. Reports what is wrong; nothing when there is no entry to speak of.
std::optional<Draft> read_workflow_job(Context& context, Value entry, Jobs& jobs);

}  // namespace gyre::config
