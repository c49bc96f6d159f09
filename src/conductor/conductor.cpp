#include "conductor/conductor.h"

#include "base/derived_uuid.h"
#include "base/log.h"
#include "base/random.h"
#include "conductor/event_facts.h"
#include "conductor/pipeline_maker.h"
#include "workflow/rerun.h"
#include "workflow/start.h"
#include "workflow/transition.h"

namespace gyre::conductor {
namespace {

constexpr int commit_tries = 5;

std::vector<JobId> new_job_ids(std::size_t count) {
    std::vector<JobId> ids(count);
    for (auto& id : ids) id.text = random_uuid();
    return ids;
}

std::vector<Effect> stored_effects(std::vector<Effect> effects) {
    std::erase_if(effects, [](const Effect& effect) { return std::holds_alternative<WakeDispatch>(effect); });
    return effects;
}

bool wakes_dispatch(const std::vector<Effect>& effects) {
    return std::any_of(effects.begin(), effects.end(),
                       [](const Effect& effect) { return std::holds_alternative<WakeDispatch>(effect); });
}

}  // namespace

Result<std::shared_ptr<const Workflow>> Conductor::load(const WorkflowId& id) {
    if (const auto found = running_.find(id); found != running_.end()) return found->second;
    GYRE_TRY_ASSIGN(Workflow workflow, ports_.workflows.load(id));
    return std::make_shared<const Workflow>(std::move(workflow));
}

void Conductor::forget(const WorkflowId& id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    for (const auto& job : found->second->jobs) workflow_of_.erase(job.id);
    running_.erase(found);
}

void Conductor::remember(Workflow workflow) {
    if (is_terminal(workflow.status)) return forget(workflow.id);
    for (const auto& job : workflow.jobs) workflow_of_[job.id] = workflow.id;
    const WorkflowId id = workflow.id;
    running_[id] = std::make_shared<const Workflow>(std::move(workflow));
}

void Conductor::tell(const Commit& commit) {
    for (const auto& change : commit.workflows) {
        const Workflow& workflow = change.workflow;
        News news{.kind = NewsKind::workflow,
                  .project = workflow.project.text,
                  .pipeline = workflow.pipeline.text,
                  .workflow = workflow.id.text};
        ports_.live.publish(news);
        news.kind = NewsKind::job;
        for (const std::size_t position : change.changed) {
            news.job = workflow.jobs[position].id.text;
            ports_.live.publish(news);
        }
    }
    if (!commit.effects.empty()) ports_.outbox_has_more();
}

Result<void> Conductor::handle(const Event& event) {
    const JobId job = job_of(event);
    const std::lock_guard lock(changing_);
    const auto known = workflow_of_.find(job);
    if (known != workflow_of_.end()) return apply(WorkflowId(known->second), event);
    GYRE_TRY_ASSIGN(const WorkflowId id, ports_.workflows.workflow_of(job));
    return apply(id, event);
}

Result<void> Conductor::cancel_workflow(const WorkflowId& workflow, const std::string& by) {
    const std::lock_guard lock(changing_);
    return apply(workflow, CancelAsked{.job = std::nullopt, .by = by});
}

Result<void> Conductor::apply(const WorkflowId& id, const Event& event) {
    for (int tries = 0; tries < commit_tries; ++tries) {
        GYRE_TRY_ASSIGN(const bool done, apply_once(id, event));
        if (done) return {};
        forget(id);
    }
    return unavailable("workflow " + id.text + " changes too often to be written; try again");
}

Result<bool> Conductor::apply_once(const WorkflowId& id, const Event& event) {
    GYRE_TRY_ASSIGN(const auto now, load(id));
    GYRE_TRY(check_not_superseded(*now, event));
    const Timestamp at = ports_.clock.now();
    auto transition = workflow::apply(*now, event, at);
    if (transition.changed.empty()) return true;
    const bool wake = wakes_dispatch(transition.effects);
    Commit commit{.event = event_id(event),
                  .kind = std::string(kind_of(event)),
                  .payload = to_json(event),
                  .at = at,
                  .effects = stored_effects(std::move(transition.effects))};
    // Nobody outside hears of a placement before the attempt is claimed, which is stored then.
    if (std::holds_alternative<TaskPlaced>(event)) commit.durable = Durable::with_the_next;
    commit.workflows.push_back({std::move(transition.next), std::move(transition.changed)});
    const auto committed = ports_.workflows.commit(commit);
    if (!committed) {
        if (committed.error().fault == Fault::conflict) return false;
        forget(id);  // it may or may not be stored
        return committed.error();
    }
    // Somebody else was faster with the same event: load again, and see whether it is still ours to tell.
    if (*committed == Committed::duplicate) return false;
    tell(commit);
    Workflow next = std::move(commit.workflows.front().workflow);
    next.version += 1;
    remember(std::move(next));
    if (wake) ports_.dispatch.ring();
    return true;
}

Result<PipelineId> Conductor::trigger(const Trigger& trigger) {
    GYRE_TRY_ASSIGN(const Project project, ports_.projects.by_id(trigger.project));
    GYRE_TRY_ASSIGN(Pipeline pipeline, make_pipeline(trigger, project, ports_.git, ports_.clock.now()));
    const PipelineId id = pipeline.id;
    GYRE_TRY(start_pipeline(std::move(pipeline)));
    return id;
}

Result<void> Conductor::start_pipeline(Pipeline pipeline) {
    int builds = 0;
    for (const auto& planned : pipeline.plan.workflows) builds += static_cast<int>(workflow::numbers_needed(planned));
    GYRE_TRY_ASSIGN(const Numbers numbers, ports_.workflows.reserve(pipeline.project, true, builds));
    pipeline.number = numbers.pipeline;
    Commit commit{.event = pipeline.trigger.id,
                  .kind = "trigger",
                  .payload = to_json(pipeline.trigger),
                  .at = pipeline.created_at};
    std::int64_t next_number = numbers.first_build;
    for (std::size_t i = 0; i < pipeline.plan.workflows.size(); ++i) {
        const PlannedWorkflow& planned = pipeline.plan.workflows[i];
        const auto ids = new_job_ids(planned.jobs.size());
        Workflow started = workflow::start(pipeline.plan, planned,
                                           {.id = {derived_uuid(pipeline.id.text + "/" + std::to_string(i))},
                                            .pipeline = pipeline.id,
                                            .project = pipeline.project,
                                            .started_by = pipeline.trigger.actor,
                                            .at = pipeline.created_at,
                                            .job_ids = ids,
                                            .first_number = next_number});
        next_number += workflow::numbers_needed(planned);
        commit.workflows.push_back({std::move(started), {}});
    }
    const News news{.kind = NewsKind::pipeline, .project = pipeline.project.text, .pipeline = pipeline.id.text};
    commit.pipeline = std::move(pipeline);
    GYRE_TRY(commit_new(std::move(commit)));
    ports_.live.publish(news);
    return {};
}

Result<void> Conductor::commit_new(Commit commit) {
    const std::lock_guard lock(changing_);
    GYRE_TRY_ASSIGN(const Committed committed, ports_.workflows.commit(commit));
    if (committed == Committed::duplicate) return {};
    tell(commit);
    for (auto& change : commit.workflows) {
        change.workflow.version += 1;
        remember(std::move(change.workflow));
    }
    ports_.dispatch.ring();
    return {};
}

Result<WorkflowId> Conductor::rerun(const WorkflowId& id, RerunKind kind, const std::string& by) {
    GYRE_TRY_ASSIGN(const Workflow old, ports_.workflows.load(id));
    GYRE_TRY_ASSIGN(const auto positions, workflow::jobs_to_rerun(old, kind));
    const auto builds = static_cast<int>(workflow::numbers_needed(old, positions));
    GYRE_TRY_ASSIGN(const Numbers numbers, ports_.workflows.reserve(old.project, false, builds));
    const auto ids = new_job_ids(old.jobs.size());
    const Timestamp at = ports_.clock.now();
    const workflow::RerunFacts facts{
        .id = {random_uuid()}, .started_by = by, .at = at, .job_ids = ids, .first_number = numbers.first_build};
    GYRE_TRY_ASSIGN(Workflow again, workflow::rerun(old, kind, facts));
    Commit commit{.event = {"rerun:" + again.id.text}, .kind = "rerun", .at = at};
    commit.payload = json::object{{"workflow", id.text}, {"by", by}, {"from_failed", kind == RerunKind::from_failed}};
    const WorkflowId again_id = again.id;
    commit.workflows.push_back({std::move(again), {}});
    GYRE_TRY(commit_new(std::move(commit)));
    return again_id;
}

}  // namespace gyre::conductor
