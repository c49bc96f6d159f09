#include <algorithm>

#include "base/derived_uuid.h"
#include "base/json.h"
#include "simulation/agent.h"
#include "simulation/watcher.h"
#include "workflow/rerun.h"
#include "workflow/start.h"

// What must hold when all is quiet.

namespace gyre::simulation {
namespace {

const Attempt* find_attempt(const memory::State& state, const AttemptRef& ref) {
    const auto* job = state.find_job(ref.job);
    if (!job || ref.task >= std::ssize(job->tasks)) return nullptr;
    const auto& attempts = job->tasks[static_cast<std::size_t>(ref.task)].attempts;
    const auto found = std::ranges::find(attempts, ref.attempt, &Attempt::number);
    return found == attempts.end() ? nullptr : &*found;
}

// One that agents tell, and nobody else.
bool is_own_result(const Outcome& outcome) {
    if (const auto* failure = std::get_if<InfrastructureFailed>(&outcome))
        return failure->reason == engine_away || failure->reason == out_of_reach;
    return !std::holds_alternative<Canceled>(outcome);
}

std::string text_of(const json::value& payload, std::string_view key) {
    const auto* object = payload.if_object();
    const auto* value = object ? object->if_contains(key) : nullptr;
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

struct Logs {
    std::map<WorkflowId, std::vector<workflow::LoggedEvent>> by_workflow;
};

Logs logs_of(const memory::State& state) {
    Logs logs;
    for (const auto& row : state.log) {
        const auto event = from_json<Event>(row.payload);
        if (!event) continue;
        logs.by_workflow[{text_of(row.payload, "workflow")}].push_back({*event, row.at});
    }
    return logs;
}

}  // namespace

void Watcher::look_at_the_end() {
    const auto held = state_.lock();
    const memory::State& state = *held;
    check_promises(state);
    check_histories(state);
    check_attempts(state);
    check_output(state);
    check_numbers(state);
    check_pushes(state);
    check_ticks(state);
}

void Watcher::check_promises(const memory::State& state) {
    for (const auto& [trigger, id] : triggers_) {
        const auto* pipeline = state.find_pipeline(id);
        if (!pipeline) {
            found("trigger-kept", "trigger " + trigger.text + " was accepted, and there is no pipeline of it");
            continue;
        }
        const auto workflows = std::ranges::count_if(
            state.workflows, [&](const auto& one) { return one.pipeline == pipeline->id && !one.rerun_of; });
        if (workflows != std::ssize(pipeline->plan.workflows))
            found("trigger-kept", "pipeline " + id.text + " has " + std::to_string(workflows) + " of its " +
                                      std::to_string(pipeline->plan.workflows.size()) + " workflows");
    }
    for (const auto& [id, job] : canceled_) {
        const auto* workflow = state.find_workflow(id);
        if (!workflow || !is_terminal(workflow->status)) continue;
        const bool ended = job ? is_terminal(state.find_job(*job)->status) : true;
        if (!ended) found("cancel-kept", "a cancel of workflow " + id.text + " was accepted, and it went on");
    }
    for (const auto& id : approved_) {
        const auto* job = state.find_job(id);
        if (!job || !is_terminal(job->status)) found("approval-kept", "the approval of job " + id.text + " is lost");
    }
    for (const auto& id : reruns_) {
        if (!state.find_workflow(id)) found("rerun-kept", "the rerun " + id.text + " is lost");
    }
}

// How a workflow was when it was made: what a plan, or the workflow that it runs again, says about it.
std::optional<Workflow> Watcher::beginning_of(const memory::State& state, const Workflow& stored) const {
    std::vector<JobId> ids;
    std::optional<std::int64_t> first_number;
    for (const auto& job : stored.jobs) {
        ids.push_back(job.id);
        if (job.number > 0 && !job.kept_from) first_number = std::min(first_number.value_or(job.number), job.number);
    }
    if (stored.rerun_of) return rerun_of(state, stored, ids, first_number.value_or(1));
    const auto* pipeline = state.find_pipeline(stored.pipeline);
    const auto project = std::ranges::find(state.projects, stored.project, &Project::id);
    if (!pipeline || project == state.projects.end()) return std::nullopt;
    for (std::size_t i = 0; i < pipeline->plan.workflows.size(); ++i) {
        if (derived_uuid(pipeline->id.text + "/" + std::to_string(i)) != stored.id.text) continue;
        return workflow::start(pipeline->plan, pipeline->plan.workflows[i],
                               {.id = stored.id,
                                .pipeline = stored.pipeline,
                                .project = stored.project,
                                .project_slug = project->slug,
                                .started_by = stored.started_by,
                                .at = stored.created_at,
                                .job_ids = ids,
                                .first_number = first_number.value_or(1)});
    }
    return std::nullopt;
}

std::optional<Workflow> Watcher::rerun_of(const memory::State& state, const Workflow& stored,
                                          const std::vector<JobId>& ids, std::int64_t first_number) const {
    const auto* old = state.find_workflow(*stored.rerun_of);
    const bool automatic = stored.auto_reruns > 0;
    const std::string event = automatic ? "auto_rerun:" + stored.rerun_of->text : "rerun:" + stored.id.text;
    const auto row = std::ranges::find(state.log, event, [](const auto& one) { return one.id.text; });
    if (!old || row == state.log.end() || !row->payload.is_object()) return std::nullopt;
    const auto* failed = row->payload.get_object().if_contains("from_failed");
    const auto kind =
        failed && failed->is_bool() && failed->get_bool() ? RerunKind::from_failed : RerunKind::from_start;
    auto made = workflow::rerun(*old, kind,
                                {.id = stored.id,
                                 .started_by = stored.started_by,
                                 .at = stored.created_at,
                                 .job_ids = ids,
                                 .first_number = first_number,
                                 .automatic = automatic});
    return made ? std::optional(std::move(*made)) : std::nullopt;
}

void Watcher::check_histories(const memory::State& state) {
    const auto logs = logs_of(state);
    static const std::vector<workflow::LoggedEvent> none;
    for (const auto& stored : state.workflows) {
        for (auto& one : workflow::check(stored)) found(std::move(one.rule), std::move(one.sentence));
        auto beginning = beginning_of(state, stored);
        if (!beginning) {
            found("has-a-beginning", "nothing in the log says how workflow " + stored.id.text + " came to be");
            continue;
        }
        const auto log = logs.by_workflow.find(stored.id);
        auto effects = workflow::first_effects(*beginning);
        const auto history =
            workflow::check_history(std::move(*beginning), log == logs.by_workflow.end() ? none : log->second, stored);
        for (const auto& one : history.findings) found(one.rule, one.sentence);
        effects.insert(effects.end(), history.effects.begin(), history.effects.end());
        for (const auto& effect : effects) {
            if (std::holds_alternative<WakeDispatch>(effect)) continue;
            const auto text = to_json_text(effect);
            if (!effects_.contains(text)) found("effect-carried-out", "nobody heard of " + text);
        }
    }
}

void Watcher::check_attempts(const memory::State& state) {
    for (const auto& workflow : state.workflows) {
        for (const auto& job : workflow.jobs) {
            for (const auto& task : job.tasks) {
                for (const auto& attempt : task.attempts) {
                    const AttemptRef ref{job.id, task.index, attempt.number};
                    const auto name = "attempt " + ref.id().text;
                    if (!attempt.outcome) continue;
                    const auto said = said_.find(ref);
                    const bool was_said =
                        said != said_.end() && std::ranges::find(said->second, *attempt.outcome) != said->second.end();
                    if (is_own_result(*attempt.outcome) && !was_said)
                        found("result-is-the-agents", name + " has a result that no agent told");
                    const auto told = acknowledged_.find(ref);
                    const bool canceled = std::holds_alternative<Canceled>(*attempt.outcome);
                    if (told != acknowledged_.end() && told->second != *attempt.outcome && !canceled)
                        found("result-kept", name + " has another result than the one that was acknowledged");
                    const auto records = state.records.find(ref);
                    if (records == state.records.end()) continue;
                    for (const auto& [index, step] : records->second.steps) {
                        if (step.status == StepStatus::running)
                            found("steps-ended", name + " is over, and its step " + std::to_string(index) + " runs");
                    }
                }
            }
        }
    }
    for (const auto& [ref, outcome] : refused_) {
        const auto* attempt = find_attempt(state, ref);
        if (attempt && attempt->outcome == outcome)
            found("end-heard", "the end of attempt " + ref.id().text + " was told again, and refused");
    }
    for (const auto& [ref, outcome] : acknowledged_) {
        const auto* attempt = find_attempt(state, ref);
        if (!attempt || !attempt->outcome)
            found("result-kept", "the end of attempt " + ref.id().text + " was acknowledged, and is lost");
    }
}

void Watcher::check_output(const memory::State& state) {
    for (const auto& [name, length] : output_) {
        const auto& [attempt, step] = name;
        const auto stored = state.outputs.find(name);
        const auto label = "output of step " + std::to_string(step) + " of attempt " + attempt.id().text;
        if (stored == state.outputs.end() || std::ssize(stored->second) < length) {
            found("output-kept", label + ": " + std::to_string(length) + " bytes were acknowledged, " +
                                     std::to_string(stored == state.outputs.end() ? 0 : stored->second.size()) +
                                     " are here");
            continue;
        }
        if (stored->second != output_bytes(attempt, step, 0, std::ssize(stored->second)))
            found("output-true", label + " is not what the agent printed");
    }
}

void Watcher::check_numbers(const memory::State& state) {
    std::set<std::pair<ProjectId, std::int64_t>> pipelines;
    std::set<std::pair<ProjectId, std::int64_t>> builds;
    for (const auto& pipeline : state.pipelines) {
        if (!pipelines.insert({pipeline.project, pipeline.number}).second)
            found("numbers-once", "two pipelines have the number " + std::to_string(pipeline.number));
    }
    for (const auto& workflow : state.workflows) {
        for (const auto& job : workflow.jobs) {
            if (job.number == 0 || job.kept_from) continue;
            if (!builds.insert({workflow.project, job.number}).second)
                found("numbers-once", "two jobs have the number " + std::to_string(job.number));
        }
    }
}

// Each revision is pushed once.
void Watcher::check_pushes(const memory::State& state) {
    std::map<std::pair<ProjectId, std::string>, int> made;
    for (const auto& pipeline : state.pipelines) {
        if (pipeline.trigger.kind == TriggerKind::webhook) ++made[{pipeline.project, pipeline.trigger.revision}];
    }
    for (const auto& [push, times] : made) {
        if (times > 1)
            found("push-once",
                  "revision " + push.second + " was pushed once, and made " + std::to_string(times) + " pipelines");
    }
    for (const auto& [project, refs] : heads_) {
        for (const auto& [ref, revision] : refs) {
            if (!made.contains({project, revision}))
                found("push-found", ref + " stands at " + revision + ", and nothing was made of it");
        }
    }
}

void Watcher::check_ticks(const memory::State& state) {
    std::map<std::string, int> fired;
    for (const auto& pipeline : state.pipelines) {
        const auto& id = pipeline.trigger.id.text;
        if (pipeline.trigger.kind == TriggerKind::schedule) ++fired[id.substr(0, id.find('#'))];
    }
    for (const auto& [tick, times] : fired) {
        if (times > 1) found("tick-once", tick + " made " + std::to_string(times) + " pipelines");
    }
}

}  // namespace gyre::simulation
