#include "conductor/conductor.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/derived_uuid.h"
#include "base/log.h"
#include "conductor/handover.h"
#include "conductor/pipeline_maker.h"
#include "conductor/scheduling.h"
#include "conductor/supersede.h"
#include "model/again.h"
#include "workflow/rerun.h"
#include "workflow/start.h"

namespace gyre::conductor {
namespace {

std::vector<JobId> new_job_ids(std::size_t count, Entropy& entropy) {
    std::vector<JobId> ids(count);
    for (auto& id : ids) id.text = entropy.uuid();
    return ids;
}

std::vector<Effect> stored_effects(std::vector<Effect> effects) {
    std::erase_if(effects, [](const Effect& effect) { return std::holds_alternative<WakeDispatch>(effect); });
    return effects;
}

void add_effects(Commit& commit, const Workflow& made) {
    auto effects = stored_effects(workflow::first_effects(made));
    std::move(effects.begin(), effects.end(), std::back_inserter(commit.effects));
}

WorkflowId planned_id(const Pipeline& pipeline, std::size_t position) {
    return {derived_uuid(pipeline.id.text + "/" + std::to_string(position))};
}

}  // namespace

Result<void> Conductor::handle(const Event& event) { return handle_all({&event, 1}).front(); }

std::vector<Result<void>> Conductor::handle_all(std::span<const Event> events) { return changes_.apply(events); }

Result<void> Conductor::cancel_workflow(const WorkflowId& workflow, const std::string& by) {
    return changes_.apply(workflow, CancelAsked{.job = std::nullopt, .by = by});
}

Result<PipelineId> Conductor::trigger(const Trigger& trigger) {
    GYRE_TRY_ASSIGN(const Project project, ports_.projects.by_id(trigger.project));
    GYRE_TRY_ASSIGN(Pipeline pipeline, read_pipeline(trigger, project, ports_.git, ports_.clock.now()));
    GYRE_TRY_ASSIGN(const Numbers numbers, ports_.workflows.reserve(project.id, true, 0));
    pipeline.number = numbers.pipeline;
    compile_pipeline(pipeline, project, ports_.orbs, ports_.gpus);
    const PipelineId id = pipeline.id;
    Commit commit{.event = trigger.id, .kind = "trigger", .payload = to_json(pipeline.trigger)};
    commit.at = pipeline.created_at;
    GYRE_TRY(start_workflows(project, std::move(pipeline), 0, std::move(commit)));
    return id;
}

Result<void> Conductor::continue_pipeline(const HandedOver& handed) {
    GYRE_TRY_ASSIGN(Pipeline pipeline, ports_.workflows.load_pipeline(handed.pipeline));
    if (pipeline.continuation) return finish_handover(pipeline, handed);
    const Timestamp at = ports_.clock.now();
    GYRE_TRY(check_handover(pipeline, handed, at));
    GYRE_TRY_ASSIGN(const Project project, ports_.projects.by_id(pipeline.project));
    const std::size_t first = pipeline.plan.workflows.size();
    GYRE_TRY_ASSIGN(const bool canceled, was_canceled(pipeline, first));
    if (canceled) return conflict("this pipeline was canceled");
    compile_continuation(pipeline, project, {handed.config, handed.parameters, at, static_cast<int>(first)},
                         ports_.orbs, ports_.gpus);
    Commit commit{.event = {"continue:" + pipeline.id.text}, .kind = "continue", .at = at};
    commit.payload = json::object{{"pipeline", pipeline.id.text}, {"parameters", to_json(handed.parameters)}};
    commit.effects.emplace_back(CancelWithSetup{pipeline.id});
    GYRE_TRY(start_workflows(project, std::move(pipeline), first, std::move(commit)));
    // Of two that come at once the log takes one: what is stored decides what each of them hears.
    GYRE_TRY_ASSIGN(pipeline, ports_.workflows.load_pipeline(handed.pipeline));
    return finish_handover(pipeline, handed);
}

Result<void> Conductor::finish_handover(const Pipeline& pipeline, const HandedOver& handed) {
    GYRE_TRY_ASSIGN(const bool canceled, cancel_if_setup_was(pipeline));
    if (canceled) return conflict("this pipeline was canceled");
    return answer_again(pipeline, handed);
}

// The call itself does the same; but it may die on the way, with the job that made it.
Result<void> Conductor::cancel_with_setup(const PipelineId& id) {
    GYRE_TRY_ASSIGN(const Pipeline pipeline, ports_.workflows.load_pipeline(id));
    if (!pipeline.continuation) return {};
    GYRE_TRY(cancel_if_setup_was(pipeline));
    return {};
}

// Who canceled the setup while its config was handed over did not see these workflows.
Result<bool> Conductor::cancel_if_setup_was(const Pipeline& pipeline) {
    const auto first = static_cast<std::size_t>(pipeline.continuation->first_workflow);
    GYRE_TRY_ASSIGN(const bool canceled, was_canceled(pipeline, first));
    if (!canceled) return false;
    for (std::size_t i = first; i < pipeline.plan.workflows.size(); ++i)
        GYRE_TRY(cancel_workflow(planned_id(pipeline, i), "the cancel of its setup workflow"));
    return true;
}

// Its setup workflow was, and nobody runs it again.
Result<bool> Conductor::was_canceled(const Pipeline& pipeline, std::size_t setups) {
    std::set<WorkflowId> others;
    for (std::size_t i = setups; i < pipeline.plan.workflows.size(); ++i) others.insert(planned_id(pipeline, i));
    bool canceled = false;
    for (std::size_t i = 0; i < setups; ++i) {
        GYRE_TRY_ASSIGN(const Workflow setup, ports_.workflows.load(planned_id(pipeline, i)));
        canceled = canceled || setup.status == WorkflowStatus::canceled;
    }
    if (!canceled) return false;
    GYRE_TRY_ASSIGN(const auto open, ports_.workflows.unfinished_on(pipeline.project, pipeline.trigger.branch));
    return std::ranges::none_of(
        open, [&](const OpenWorkflow& one) { return one.pipeline == pipeline.id && !others.contains(one.workflow); });
}

// The workflows of the pipeline's plan from position `first` on, and what the world must be told of them.
void Conductor::add_workflows(Commit& commit, const Project& project, const Pipeline& pipeline, std::size_t first,
                              std::int64_t next_number) {
    const auto& planned = pipeline.plan.workflows;
    for (std::size_t i = first; i < planned.size(); ++i) {
        const auto ids = new_job_ids(planned[i].jobs.size(), ports_.entropy);
        Workflow started = workflow::start(pipeline.plan, planned[i],
                                           {.id = planned_id(pipeline, i),
                                            .pipeline = pipeline.id,
                                            .project = pipeline.project,
                                            .project_slug = project.slug,
                                            .started_by = pipeline.trigger.actor,
                                            .at = commit.at,
                                            .job_ids = ids,
                                            .first_number = next_number});
        next_number += workflow::numbers_needed(planned[i]);
        // Who runs a config on a laptop looks on, and runs it again himself.
        if (pipeline.trigger.kind == TriggerKind::local) started.max_auto_reruns = 0;
        add_effects(commit, started);
        commit.workflows.push_back(std::move(started));
    }
}

// Starts the workflows of the pipeline's plan from position `first` on, and stores all with the commit.
Result<void> Conductor::start_workflows(const Project& project, Pipeline pipeline, std::size_t first, Commit commit) {
    const auto& planned = pipeline.plan.workflows;
    int builds = 0;
    for (std::size_t i = first; i < planned.size(); ++i)
        builds += static_cast<int>(workflow::numbers_needed(planned[i]));
    GYRE_TRY_ASSIGN(const Numbers numbers, ports_.workflows.reserve(pipeline.project, false, builds));
    try {
        add_workflows(commit, project, pipeline, first, numbers.first_build);
    } catch (const std::exception& defect) {
        commit.workflows.clear();
        commit.effects.clear();
        blame_ourselves(pipeline, defect);
    }
    if (!commit.workflows.empty() && takes_part_in_auto_cancel(pipeline.trigger, project))
        commit.effects.emplace_back(CancelSuperseded{pipeline.id});
    const News news{.kind = NewsKind::pipeline, .project = pipeline.project.text, .pipeline = pipeline.id.text};
    commit.schedules = schedules_of(pipeline);
    const bool has_schedules = commit.schedules && !commit.schedules->schedules.empty();
    commit.pipeline = std::move(pipeline);
    GYRE_TRY(changes_.add(std::move(commit)));
    if (has_schedules) ports_.schedules_changed();
    ports_.live.publish(news);
    return {};
}

Result<WorkflowId> Conductor::rerun(const WorkflowId& id, const RerunWish& wish, const std::string& by) {
    GYRE_TRY_ASSIGN(const Workflow old, ports_.workflows.load(id));
    const WorkflowId again{ports_.entropy.uuid()};
    Commit commit{.event = {"rerun:" + again.text}, .kind = "rerun"};
    GYRE_TRY(run_again(old, wish, {.id = again, .started_by = by, .ssh = wish.ssh, .failed_tests = wish.failed_tests},
                       std::move(commit)));
    return again;
}

Result<void> Conductor::run_again(const Workflow& old, const RerunWish& wish, workflow::RerunFacts facts,
                                  Commit commit) {
    GYRE_TRY_ASSIGN(const auto positions, workflow::jobs_to_rerun(old, wish.kind, wish.jobs));
    const auto builds = static_cast<int>(workflow::numbers_needed(old, positions));
    GYRE_TRY_ASSIGN(const Numbers numbers, ports_.workflows.reserve(old.project, false, builds));
    const auto ids = new_job_ids(old.jobs.size(), ports_.entropy);
    facts.at = commit.at = ports_.clock.now();
    facts.job_ids = ids;
    facts.first_number = numbers.first_build;
    GYRE_TRY_ASSIGN(Workflow again, workflow::rerun(old, wish.kind, facts, wish.jobs));
    json::array jobs;
    for (const auto& job : wish.jobs) jobs.emplace_back(job.text);
    commit.payload = json::object{{"workflow", old.id.text},
                                  {"by", facts.started_by},
                                  {"from_failed", wish.kind == RerunKind::from_failed},
                                  {"jobs", std::move(jobs)},
                                  {"ssh", facts.ssh},
                                  {"automatic", facts.automatic},
                                  {"failed_tests", facts.failed_tests}};
    add_effects(commit, again);
    commit.workflows.push_back(std::move(again));
    return changes_.add(std::move(commit));
}

Result<void> Conductor::rerun_by_itself(const WorkflowId& id) {
    const WorkflowId again{derived_uuid("auto-rerun:" + id.text)};
    const auto made = ports_.workflows.load(again);
    if (made) return {};
    if (made.error().fault != Fault::not_found) return made.error();
    GYRE_TRY_ASSIGN(const Workflow old, ports_.workflows.load(id));
    if (!reruns_by_itself(old)) return {};
    Commit commit{.event = {"auto_rerun:" + id.text}, .kind = "rerun"};
    // A newer pipeline may have come meanwhile, and found nothing to cancel.
    GYRE_TRY_ASSIGN(const Pipeline pipeline, ports_.workflows.load_pipeline(old.pipeline));
    GYRE_TRY_ASSIGN(const Project project, ports_.projects.by_id(old.project));
    if (takes_part_in_auto_cancel(pipeline.trigger, project))
        commit.effects.emplace_back(CancelSuperseded{pipeline.id});
    return run_again(old, RerunKind::from_failed, {.id = again, .started_by = old.started_by, .automatic = true},
                     std::move(commit));
}

// Of all that runs on the branch the newest pipeline stays, whichever of them asked: they may be heard in any order.
Result<void> Conductor::cancel_superseded(const PipelineId& id) {
    GYRE_TRY_ASSIGN(const Pipeline asking, ports_.workflows.load_pipeline(id));
    GYRE_TRY_ASSIGN(const Project project, ports_.projects.by_id(asking.project));
    GYRE_TRY_ASSIGN(auto open, ports_.workflows.unfinished_on(asking.project, asking.trigger.branch));
    std::int64_t newest = asking.number;
    std::vector<OpenWorkflow> taking_part;
    for (const auto& one : open) {
        GYRE_TRY_ASSIGN(const Pipeline pipeline, ports_.workflows.load_pipeline(one.pipeline));
        if (!takes_part_in_auto_cancel(pipeline.trigger, project)) continue;
        newest = std::max(newest, one.pipeline_number);
        taking_part.push_back(one);
    }
    for (const auto& one : taking_part) {
        if (one.pipeline_number == newest) continue;
        GYRE_TRY_ASSIGN(const Workflow workflow, ports_.workflows.load(one.workflow));
        if (!may_be_superseded(workflow)) continue;
        GYRE_TRY(cancel_workflow(one.workflow, "auto-cancel (pipeline " + std::to_string(newest) + " is newer)"));
    }
    return {};
}

}  // namespace gyre::conductor
