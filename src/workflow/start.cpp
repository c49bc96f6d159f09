#include "workflow/start.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "workflow/graph.h"
#include "workflow/readiness.h"
#include "workflow/rollup.h"

namespace gyre::workflow {
namespace {

using Positions = std::unordered_map<std::string_view, std::size_t>;

void expect(bool promise, const std::string& broken) {
    if (!promise) throw std::logic_error("workflow::start: " + broken);
}

Positions positions_of(const PlannedWorkflow& planned) {
    Positions positions;
    for (const auto& job : planned.jobs) {
        expect(positions.emplace(job.name, positions.size()).second, "two jobs are named '" + job.name + "'");
    }
    return positions;
}

std::vector<std::size_t> requirements(const PlannedJob& planned, const Positions& positions) {
    std::vector<std::size_t> found;
    for (const auto& name : planned.requires_) {
        const auto at = positions.find(name);
        expect(at != positions.end(), "'" + planned.name + "' requires '" + name + "', which is not in the workflow");
        found.push_back(at->second);
    }
    std::ranges::sort(found);
    const auto repeated = std::ranges::unique(found);
    found.erase(repeated.begin(), repeated.end());
    return found;
}

WorkflowJob blocked_job(const Plan& plan, const PlannedJob& planned, const Positions& positions, const JobId& id) {
    WorkflowJob job{.id = id, .name = planned.name, .type = planned.type, .spec = planned.spec};
    job.requires_ = requirements(planned, positions);
    if (planned.type == JobType::approval) return job;
    expect(planned.spec >= 0 && planned.spec < std::ssize(plan.jobs), "'" + planned.name + "' has no job in the plan");
    job.tasks = waiting_tasks(plan.jobs[static_cast<std::size_t>(planned.spec)].parallelism);
    return job;
}

}  // namespace

std::int64_t numbers_needed(const PlannedWorkflow& planned) {
    return std::ranges::count(planned.jobs, JobType::build, &PlannedJob::type);
}

Workflow start(const Plan& plan, const PlannedWorkflow& planned, const StartFacts& facts) {
    expect(!planned.jobs.empty(), "workflow '" + planned.name + "' has no jobs");
    expect(facts.job_ids.size() == planned.jobs.size(), "one id a job is needed");
    Workflow made{.id = facts.id, .pipeline = facts.pipeline, .project = facts.project, .workspace = facts.id};
    made.name = planned.name;
    made.started_by = facts.started_by;
    made.created_at = facts.at;

    const auto positions = positions_of(planned);
    std::int64_t number = facts.first_number;
    for (std::size_t i = 0; i < planned.jobs.size(); ++i) {
        auto job = blocked_job(plan, planned.jobs[i], positions, facts.job_ids[i]);
        if (job.type == JobType::build) job.number = number++;
        job.created_at = facts.at;
        if (job.requires_.empty()) make_ready(job, facts.at);
        made.jobs.push_back(std::move(job));
    }
    expect(is_acyclic(made.jobs), "the requirements of workflow '" + planned.name + "' form a cycle");
    made.status = rollup(made);
    return made;
}

std::vector<Effect> first_effects(const Workflow& workflow) {
    if (std::ranges::count(workflow.jobs, JobStatus::queued, &WorkflowJob::status) == 0) return {};
    return {WakeDispatch{}};
}

}  // namespace gyre::workflow
