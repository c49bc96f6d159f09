#include "adapters/memory/workflow_store.h"

#include <algorithm>

#include "adapters/memory/schedule_store.h"

namespace gyre::memory {
namespace {

Result<void> check_pipeline(const State& state, const Pipeline& pipeline) {
    for (const auto& other : state.pipelines) {
        const bool same_number = other.project == pipeline.project && other.number == pipeline.number;
        if (same_number && other.id != pipeline.id) {
            return conflict("pipeline number " + std::to_string(pipeline.number) + " is taken in this project");
        }
    }
    return {};
}

std::size_t place_of(const Workflow& stored, const JobId& job) {
    return static_cast<std::size_t>(std::ranges::find(stored.jobs, job, &WorkflowJob::id) - stored.jobs.begin());
}

Result<void> check_change(const State& state, const Workflow& workflow) {
    const Workflow* stored = state.find_workflow(workflow.id);
    if ((stored ? stored->version : 0) != workflow.version) {
        return conflict("workflow " + workflow.id.text + " changed meanwhile: load it and try again");
    }
    if (!stored) return {};
    for (const auto& job : workflow.jobs) {
        if (place_of(*stored, job.id) == stored->jobs.size())
            return invalid("workflow " + workflow.id.text + " has no job " + job.id.text);
    }
    return {};
}

Result<void> check_holds(const State& state, const Commit& commit) {
    for (const auto& hold : commit.holds) {
        const auto held = state.serial_holds.find(hold.group);
        if (held == state.serial_holds.end() || held->second.holder == hold.holder) continue;
        const auto* job = state.find_job(held->second.job);
        return held_by_another(hold.group, job ? job->name : held->second.holder);
    }
    return {};
}

void put_holds(State& state, const Commit& commit) {
    for (const auto& hold : commit.releases) {
        const auto held = state.serial_holds.find(hold.group);
        if (held != state.serial_holds.end() && held->second.holder == hold.holder) state.serial_holds.erase(held);
    }
    for (const auto& hold : commit.holds) state.serial_holds.try_emplace(hold.group, hold);
}

void put_pipeline(State& state, const Pipeline& pipeline) {
    const auto [found, is_new] = state.pipeline_index.try_emplace(pipeline.id, state.pipelines.size());
    if (is_new) {
        state.pipelines.push_back(pipeline);
    } else {
        state.pipelines[found->second] = pipeline;
    }
}

void put_workflow(State& state, const Workflow& workflow) {
    const auto [found, is_new] = state.workflow_index.try_emplace(workflow.id, state.workflows.size());
    if (is_new) {
        for (const auto& job : workflow.jobs) state.workflow_of_job[job.id] = state.workflows.size();
        state.workflows.push_back(workflow);
    } else {
        auto& stored = state.workflows[found->second];
        auto jobs = std::move(stored.jobs);
        stored = workflow;
        stored.jobs = std::move(jobs);
        for (const auto& job : workflow.jobs) stored.jobs[place_of(stored, job.id)] = job;
    }
    ++state.workflows[found->second].version;
}

template <typename Id, typename Thing>
void put_back(std::vector<Thing>& things, std::unordered_map<Id, std::size_t>& index, const Id& id,
              const std::optional<Thing>& before) {
    if (before) {
        things[index.at(id)] = *before;
        return;
    }
    things.pop_back();  // undone in reverse order: it is the newest
    index.erase(id);
}

// How to undo a commit that is about to be made.
std::function<void(State&)> undo_of(const State& state, const Commit& commit) {
    std::vector<std::pair<WorkflowId, std::optional<Workflow>>> workflows;
    for (const auto& workflow : commit.workflows) {
        const auto* stored = state.find_workflow(workflow.id);
        workflows.emplace_back(workflow.id, stored ? std::optional(*stored) : std::nullopt);
    }
    std::optional<PipelineId> pipeline_id;
    std::optional<Pipeline> pipeline;
    if (commit.pipeline) {
        pipeline_id = commit.pipeline->id;
        if (const auto* stored = state.find_pipeline(*pipeline_id)) pipeline = *stored;
    }
    return [=, event = commit.event, last_effect = state.last_outbox_id, holds = state.serial_holds](State& then) {
        then.serial_holds = holds;
        then.known_events.erase(event);
        then.log.pop_back();
        std::erase_if(then.outbox, [&](const OutboxItem& item) { return item.id > last_effect; });
        for (auto one = workflows.rbegin(); one != workflows.rend(); ++one) {
            if (!one->second) {
                for (const auto& job : then.workflows.back().jobs) then.workflow_of_job.erase(job.id);
            }
            put_back(then.workflows, then.workflow_index, one->first, one->second);
        }
        if (pipeline_id) put_back(then.pipelines, then.pipeline_index, *pipeline_id, pipeline);
    };
}

Result<Committed> apply(State& state, const Commit& commit) {
    if (state.known_events.contains(commit.event)) return Committed::duplicate;
    if (commit.pipeline) GYRE_TRY(check_pipeline(state, *commit.pipeline));
    for (const auto& workflow : commit.workflows) GYRE_TRY(check_change(state, workflow));
    GYRE_TRY(check_holds(state, commit));
    if (commit.durable == Durable::now) {
        state.became_durable();
    } else {
        state.not_durable_yet.push_back(undo_of(state, commit));
    }
    state.known_events.insert(commit.event);
    state.log.push_back({commit.event, commit.kind, commit.payload, commit.at});
    if (commit.pipeline) put_pipeline(state, *commit.pipeline);
    replace_schedules(state, commit);
    for (const auto& workflow : commit.workflows) put_workflow(state, workflow);
    put_holds(state, commit);
    for (const auto& effect : commit.effects) state.outbox.push_back({++state.last_outbox_id, effect});
    return Committed::stored;
}

}  // namespace

Result<Numbers> MemoryWorkflowStore::reserve(const ProjectId& project, bool pipeline, int builds) {
    return trouble_.around("workflow_store.reserve", [&]() -> Result<Numbers> {
        if (builds < 0) return invalid("a negative count of build numbers was asked for");
        auto state = state_.lock();
        auto& last = state->last_numbers[project];
        state->not_durable_yet.emplace_back([project, last](State& then) { then.last_numbers[project] = last; });
        const Numbers reserved{.pipeline = pipeline ? last.pipeline + 1 : 0, .first_build = last.first_build + 1};
        if (pipeline) ++last.pipeline;
        last.first_build += builds;
        return reserved;
    });
}

Result<Committed> MemoryWorkflowStore::commit(const Commit& commit) {
    return trouble_.around("workflow_store.commit", [&] { return apply(*state_.lock(), commit); });
}

Result<Workflow> MemoryWorkflowStore::load(const WorkflowId& id) {
    return trouble_.around("workflow_store.load", [&]() -> Result<Workflow> {
        auto state = state_.lock();
        if (const auto* found = state->find_workflow(id)) return *found;
        return not_found("there is no workflow " + id.text);
    });
}

Result<WorkflowId> MemoryWorkflowStore::workflow_of(const JobId& job) {
    return trouble_.around("workflow_store.workflow_of", [&]() -> Result<WorkflowId> {
        auto state = state_.lock();
        const auto found = state->workflow_of_job.find(job);
        if (found == state->workflow_of_job.end()) return not_found("there is no job " + job.text);
        return state->workflows[found->second].id;
    });
}

Result<Pipeline> MemoryWorkflowStore::load_pipeline(const PipelineId& id) {
    return trouble_.around("workflow_store.load_pipeline", [&]() -> Result<Pipeline> {
        auto state = state_.lock();
        if (const auto* found = state->find_pipeline(id)) return *found;
        return not_found("there is no pipeline " + id.text);
    });
}

Result<std::vector<WorkflowId>> MemoryWorkflowStore::unfinished() {
    return trouble_.around("workflow_store.unfinished", [&]() -> Result<std::vector<WorkflowId>> {
        std::vector<WorkflowId> ids;
        auto state = state_.lock();
        for (const auto& workflow : state->workflows) {
            if (!is_terminal(workflow.status)) ids.push_back(workflow.id);
        }
        return ids;
    });
}

Result<std::vector<OpenWorkflow>> MemoryWorkflowStore::unfinished_on(const ProjectId& project,
                                                                     const std::string& branch) {
    return trouble_.around("workflow_store.unfinished_on", [&]() -> Result<std::vector<OpenWorkflow>> {
        std::vector<OpenWorkflow> open;
        auto state = state_.lock();
        for (const auto& workflow : state->workflows) {
            if (is_terminal(workflow.status) || workflow.project != project) continue;
            const auto* pipeline = state->find_pipeline(workflow.pipeline);
            if (!pipeline || pipeline->trigger.branch != branch) continue;
            open.push_back({workflow.id, pipeline->id, pipeline->number});
        }
        return open;
    });
}

Result<std::optional<std::int64_t>> MemoryWorkflowStore::number_before(const ProjectId& project,
                                                                       const std::string& branch, std::int64_t number) {
    return trouble_.around("workflow_store.number_before", [&]() -> Result<std::optional<std::int64_t>> {
        std::optional<std::int64_t> before;
        auto state = state_.lock();
        for (const auto& workflow : state->workflows) {
            const auto* pipeline = state->find_pipeline(workflow.pipeline);
            if (workflow.project != project || !pipeline || pipeline->trigger.branch != branch) continue;
            for (const auto& job : workflow.jobs) {
                if (job.number > 0 && job.number < number && !job.kept_from) before = std::max(before, {job.number});
            }
        }
        return before;
    });
}

Result<std::vector<SerialHold>> MemoryWorkflowStore::serial_holds() {
    return trouble_.around("workflow_store.serial_holds", [&]() -> Result<std::vector<SerialHold>> {
        std::vector<SerialHold> holds;
        auto state = state_.lock();
        for (const auto& [group, hold] : state->serial_holds) holds.push_back(hold);
        return holds;
    });
}

}  // namespace gyre::memory
