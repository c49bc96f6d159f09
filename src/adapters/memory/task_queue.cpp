#include "adapters/memory/task_queue.h"

#include <algorithm>

namespace gyre::memory {
namespace {

struct Needs {
    ExecutorKind executor = ExecutorKind::docker;
    std::string resource_class;
};

Needs needs_of(const State& state, const Workflow& workflow, const WorkflowJob& job) {
    const auto* pipeline = state.find_pipeline(workflow.pipeline);
    if (!pipeline || job.spec < 0 || job.spec >= std::ssize(pipeline->plan.jobs)) return {};
    const auto& spec = pipeline->plan.jobs[static_cast<std::size_t>(job.spec)];
    const bool machine = std::holds_alternative<MachineExecutor>(spec.executor);
    return {machine ? ExecutorKind::machine : ExecutorKind::docker, spec.resource_class};
}

bool is_stopped(const WorkflowJob& job) { return !job.canceled_by.empty() || job.status == JobStatus::unauthorized; }

// "job 'deploy' of pipeline 12 of git/shop"
std::string describe(const State& state, const SerialHold& hold) {
    const auto* workflow = state.find_workflow(hold.workflow);
    const auto* job = state.find_job(hold.job);
    const auto* pipeline = workflow ? state.find_pipeline(workflow->pipeline) : nullptr;
    if (!job || !pipeline) return hold.holder;
    const auto project = std::ranges::find(state.projects, pipeline->project, &Project::id);
    return describe_holder(job->name, pipeline->number, project == state.projects.end() ? "" : project->slug);
}

void add_turn(const State& state, const Workflow& workflow, const WorkflowJob& job, QueuedTask& queued) {
    if (const auto* pipeline = state.find_pipeline(workflow.pipeline)) {
        queued.pipeline_number = pipeline->number;
        queued.branch = pipeline->trigger.branch;
    }
    if (const auto promotion = state.promotions.find(job.id); promotion != state.promotions.end()) {
        queued.promoted_at = promotion->second.at;
        queued.promoted_by = promotion->second.by;
    }
    if (job.serial_group.empty()) return;
    queued.serial_group = job.serial_group;
    queued.holder = serial_holder(workflow.id, job.id, job.job_group);
    const auto held = state.serial_holds.find(job.serial_group);
    if (held == state.serial_holds.end()) return;
    queued.held_as = held->second.holder;
    queued.held_by = describe(state, held->second);
}

// Calls act(workflow, job, task) for each task there is, oldest workflow first.
template <typename Act>
void each_task(const State& state, Act act) {
    for (const auto& workflow : state.workflows) {
        for (const auto& job : workflow.jobs) {
            for (const auto& task : job.tasks) act(workflow, job, task);
        }
    }
}

}  // namespace

Result<std::vector<QueuedTask>> MemoryTaskQueue::queued_after(const QueuePlace& place, int limit) {
    return trouble_.around("task_queue.queued", [&]() -> Result<std::vector<QueuedTask>> {
        std::vector<QueuedTask> tasks;
        auto state = state_.lock();
        std::int64_t position = 0;
        each_task(*state, [&](const Workflow& workflow, const WorkflowJob& job, const Task& task) {
            ++position;
            if (task.status != TaskStatus::queued) return;
            const auto needs = needs_of(*state, workflow, job);
            tasks.push_back({.next = {job.id, task.index, static_cast<int>(task.attempts.size()) + 1},
                             .project = workflow.project,
                             .workflow = workflow.id,
                             .job_name = job.name,
                             .job_number = job.number,
                             .executor = needs.executor,
                             .resource_class = needs.resource_class,
                             .queued_at = task.queued_at.value_or(job.created_at),
                             .ready_at = task.ready_at});
            tasks.back().position = position;
            add_turn(*state, workflow, job, tasks.back());
        });
        std::erase_if(tasks, [&](const QueuedTask& task) { return place != QueuePlace{} && place_of(task) <= place; });
        std::ranges::sort(tasks, {}, place_of);
        if (std::ssize(tasks) > limit) tasks.resize(static_cast<std::size_t>(std::max(limit, 0)));
        return tasks;
    });
}

Result<std::vector<LiveAttempt>> MemoryTaskQueue::live() {
    return trouble_.around("task_queue.live", [&]() -> Result<std::vector<LiveAttempt>> {
        std::vector<LiveAttempt> attempts;
        auto state = state_.lock();
        each_task(*state, [&](const Workflow& workflow, const WorkflowJob& job, const Task& task) {
            if (task.attempts.empty() || task.attempts.back().state == AttemptState::finished) return;
            const auto& attempt = task.attempts.back();
            const auto needs = needs_of(*state, workflow, job);
            attempts.push_back({.attempt = {job.id, task.index, attempt.number},
                                .project = workflow.project,
                                .workflow = workflow.id,
                                .state = attempt.state,
                                .client = attempt.client,
                                .token_hash = attempt.token_hash,
                                .executor = needs.executor,
                                .resource_class = needs.resource_class,
                                .placed_at = attempt.placed_at,
                                .stop_asked = is_stopped(job),
                                .job_name = job.name});
        });
        std::ranges::stable_sort(attempts, {}, &LiveAttempt::placed_at);
        return attempts;
    });
}

}  // namespace gyre::memory
