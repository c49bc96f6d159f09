#pragma once

// Jobs of one serial group run one at a time, in the whole organization. A hold says who runs now: it is taken in the
// transaction that places the holder's first task and given back in the one that ends the holder.

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/ids.h"

namespace gyre {

struct SerialHold {
    std::string group;   // WorkflowJob::serial_group
    std::string holder;  // the job's id; of a job-group "<workflow id>/<name of the group>": its jobs hold together
    WorkflowId workflow;
    JobId job;  // whose task took it, for people
    bool operator==(const SerialHold&) const = default;
};

// The organization is the part of a project's slug before the last '/': "gh/acme", or "git" for plain remotes. Names of
// groups have no ':' (config-language.md section 7).
inline std::string serial_group_key(std::string_view project_slug, std::string_view name) {
    return std::string(project_slug.substr(0, project_slug.rfind('/'))) + ":" + std::string(name);
}
inline std::string_view serial_group_name(std::string_view key) { return key.substr(key.find(':') + 1); }

// As whom a job holds its group; `job_group` is WorkflowJob::job_group.
inline std::string serial_holder(const WorkflowId& workflow, const JobId& job, const std::string& job_group) {
    return job_group.empty() ? job.text : workflow.text + "/" + job_group;
}

// What a store says to whoever may not take a hold.
inline Error held_by_another(std::string_view key, std::string_view holder) {
    return conflict("the serial group '" + std::string(serial_group_name(key)) + "' is held by job '" +
                    std::string(holder) + "'");
}

}  // namespace gyre
