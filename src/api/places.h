#pragma once

// From the numbers and ids in a URL to the values behind them.

#include <string>
#include <unordered_map>

#include "api/desk.h"

namespace gyre::api {

// A build job with everything around it.
struct JobScene {
    Project project;
    Pipeline pipeline;
    Workflow workflow;
    std::size_t position = 0;
    const WorkflowJob& job() const { return workflow.jobs[position]; }
    const JobSpec* spec() const;  // nothing for approvals, and for a plan that does not fit
};

Result<JobScene> scene_of(Desk& desk, const JobPlace& place);
// The job of the path's project and build number (parameter "n"): the one that really ran, not a rerun that kept it.
Result<JobScene> scene_of_request(Desk& desk, const Request& request);
// A positive number that a path has under `name`; `not_found` with `message` for anything else.
Result<std::int64_t> path_number(const Request& request, std::string_view name, const std::string& message);

// Project slugs by id, each read once; for lists.
class Slugs {
public:
    explicit Slugs(ProjectStore& projects) : projects_(projects) {}
    Result<Project> of(const ProjectId& id);

private:
    ProjectStore& projects_;
    std::unordered_map<ProjectId, Project> known_;
};

}  // namespace gyre::api
