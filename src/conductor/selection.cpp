#include "conductor/selection.h"

#include <algorithm>

namespace gyre::conductor {
namespace {

template <typename Named>
std::string names_of(const std::vector<Named>& things) {
    std::string names;
    for (const auto& thing : things) names += (names.empty() ? "" : ", ") + thing.name;
    return names.empty() ? "none" : names;
}

Result<void> keep_workflow(Plan& plan, const std::string& name) {
    const auto found =
        std::find_if(plan.workflows.begin(), plan.workflows.end(), [&](const auto& w) { return w.name == name; });
    if (found == plan.workflows.end()) {
        return not_found("no workflow '" + name +
                         "' runs for this branch or tag; there are: " + names_of(plan.workflows));
    }
    plan.workflows = {PlannedWorkflow(*found)};
    return {};
}

Result<void> keep_job(Plan& plan, const std::string& name) {
    for (const auto& workflow : plan.workflows) {
        const auto found = std::find_if(workflow.jobs.begin(), workflow.jobs.end(),
                                        [&](const auto& job) { return job.name == name && job.spec >= 0; });
        if (found == workflow.jobs.end()) continue;
        PlannedJob alone = *found;
        alone.requires_.clear();
        alone.required_statuses.clear();
        plan.workflows = {{workflow.name, {std::move(alone)}}};
        return {};
    }
    return not_found("no job '" + name + "' runs for this branch or tag; there are: " + names_of(plan.jobs));
}

}  // namespace

Result<void> select(Plan& plan, const std::string& workflow, const std::string& job) {
    if (!workflow.empty()) GYRE_TRY(keep_workflow(plan, workflow));
    if (!job.empty()) GYRE_TRY(keep_job(plan, job));
    return {};
}

}  // namespace gyre::conductor
