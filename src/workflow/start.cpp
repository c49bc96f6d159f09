#include "workflow/start.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "model/serial_hold.h"
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

std::vector<RequiredEnd> required_ends(const PlannedJob& planned, const Positions& positions) {
    std::vector<RequiredEnd> found;
    for (const auto& [name, statuses] : planned.required_statuses) {
        const bool required = std::ranges::find(planned.requires_, name) != planned.requires_.end();
        expect(required, "'" + planned.name + "' names statuses of '" + name + "', which it does not require");
        expect(std::ranges::all_of(statuses, [](JobStatus each) { return is_terminal(each); }),
               "'" + planned.name + "' waits for '" + name + "' to be what no job ends as");
        found.push_back({positions.at(name), statuses});
    }
    std::ranges::sort(found, {}, &RequiredEnd::job);
    return found;
}

WorkflowJob blocked_job(const Plan& plan, const PlannedJob& planned, const Positions& positions, const JobId& id) {
    WorkflowJob job{.id = id, .name = planned.name, .type = planned.type, .spec = planned.spec};
    job.requires_ = requirements(planned, positions);
    job.required_ends = required_ends(planned, positions);
    job.unavailable = planned.unavailable;
    job.job_group = planned.job_group;
    if (planned.type != JobType::build) return job;
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
    made.max_auto_reruns = planned.max_auto_reruns;
    made.started_by = facts.started_by;
    made.created_at = facts.at;

    const auto positions = positions_of(planned);
    std::int64_t number = facts.first_number;
    for (std::size_t i = 0; i < planned.jobs.size(); ++i) {
        auto job = blocked_job(plan, planned.jobs[i], positions, facts.job_ids[i]);
        if (job.type == JobType::build) job.number = number++;
        if (const auto& group = planned.jobs[i].serial_group; !group.empty())
            job.serial_group = serial_group_key(facts.project_slug, group);
        job.created_at = facts.at;
        made.jobs.push_back(std::move(job));
    }
    expect(is_acyclic(made.jobs), "the requirements of workflow '" + planned.name + "' form a cycle");
    first_moment(made);
    return made;
}

void first_moment(Workflow& made) {
    std::vector<std::size_t> ended;
    for (std::size_t position = 0; position < made.jobs.size(); ++position) {
        if (made.jobs[position].status != JobStatus::blocked) continue;
        look_again_at(made.jobs, position, made.created_at);
        if (is_terminal(made.jobs[position].status)) ended.push_back(position);
    }
    follow_up(made.jobs, Dependants(made.jobs), ended, made.created_at);
    made.status = rollup(made);
    if (is_terminal(made.status)) made.stopped_at = made.created_at;
}

std::vector<Effect> first_effects(const Workflow& workflow) {
    std::vector<Effect> effects;
    bool wake = false;
    for (const auto& job : workflow.jobs) {
        wake = wake || job.status == JobStatus::queued;
        if (is_terminal(job.status) && !job.kept_from) effects.emplace_back(JobEnded{workflow.id, job.id, job.status});
    }
    if (is_terminal(workflow.status)) effects.emplace_back(WorkflowEnded{workflow.id, workflow.status});
    if (wake) effects.emplace_back(WakeDispatch{});
    return effects;
}

}  // namespace gyre::workflow
