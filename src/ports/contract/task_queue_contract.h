#pragma once

// The promises of ports/task_queue.h.

#include "ports/contract/examples.h"
#include "ports/task_queue.h"

namespace gyre::contract {

template <typename World>
class TaskQueueContract : public StoresContract<World> {
protected:
    TaskQueue& queue() { return this->world_.stores.task_queue(); }
    std::vector<AttemptRef> queued(int limit = 100) {
        std::vector<AttemptRef> next;
        const auto tasks = queue().queued(limit);
        EXPECT_TRUE(tasks.ok()) << tasks.error().message;
        for (const auto& task : *tasks) next.push_back(task.next);
        return next;
    }
};
TYPED_TEST_SUITE_P(TaskQueueContract);

TYPED_TEST_P(TaskQueueContract, QueuedTasksAreOldestFirst) {
    const auto pipeline = this->make_pipeline(this->make_project());
    const auto first = this->make_workflow(pipeline, {"a", "b"});
    auto second = this->new_workflow(pipeline, {"c"});
    second.jobs[0].tasks[1].queued_at = at(-5);
    this->store(second, {});
    EXPECT_EQ(this->queued(),
              (std::vector{attempt_of(second, 0, 1), attempt_of(first, 0, 0), attempt_of(first, 0, 1),
                           attempt_of(first, 1, 0), attempt_of(first, 1, 1), attempt_of(second, 0, 0)}));
    EXPECT_EQ(this->queued(2), (std::vector{attempt_of(second, 0, 1), attempt_of(first, 0, 0)}));
    EXPECT_TRUE(this->queued(0).empty());
}

TYPED_TEST_P(TaskQueueContract, AQueuedTaskSaysWhatItNeeds) {
    auto workflow = this->new_workflow(this->make_pipeline(this->make_project()), {"package"});
    workflow.jobs[0].spec = 1;
    this->store(workflow, {});
    const auto task = this->queue().queued(1)->front();
    EXPECT_EQ(task.project, workflow.project);
    EXPECT_EQ(task.workflow, workflow.id);
    EXPECT_EQ(task.job_name, "package");
    EXPECT_EQ(task.job_number, workflow.jobs[0].number);
    EXPECT_GT(task.job_number, 0);
    EXPECT_EQ(task.executor, ExecutorKind::machine);
    EXPECT_EQ(task.resource_class, "large");
    EXPECT_EQ(task.queued_at, *workflow.jobs[0].tasks[0].queued_at);
}

TYPED_TEST_P(TaskQueueContract, APlacedTaskMovesFromQueuedToLive) {
    auto workflow = this->make_workflow({"build"});
    EXPECT_TRUE(this->queue().live()->empty());
    this->place(workflow, 0, 0, "machine-7");
    this->store(workflow, {0});
    EXPECT_EQ(this->queued(), (std::vector{attempt_of(workflow, 0, 1)}));
    const auto live = *this->queue().live();
    ASSERT_EQ(live.size(), 1U);
    EXPECT_EQ(live[0].attempt, attempt_of(workflow, 0, 0));
    EXPECT_EQ(live[0].project, workflow.project);
    EXPECT_EQ(live[0].workflow, workflow.id);
    EXPECT_EQ(live[0].state, AttemptState::placed);
    EXPECT_EQ(live[0].client, "machine-7");
    EXPECT_EQ(live[0].token_hash, "");
    EXPECT_EQ(live[0].executor, ExecutorKind::docker);
    EXPECT_EQ(live[0].resource_class, "");
    EXPECT_FALSE(live[0].stop_asked);
}

TYPED_TEST_P(TaskQueueContract, AClaimedAttemptKeepsItsTokensHash) {
    auto workflow = this->make_workflow({"build"});
    this->place(workflow, 0, 0);
    this->claim(workflow, 0, 0);
    this->store(workflow, {0});
    const auto live = *this->queue().live();
    ASSERT_EQ(live.size(), 1U);
    EXPECT_EQ(live[0].state, AttemptState::running);
    EXPECT_EQ(live[0].token_hash, std::string(64, 'f'));
}

TYPED_TEST_P(TaskQueueContract, ALostAttemptMakesTheTaskQueuedForTheNextOne) {
    auto workflow = this->make_workflow({"build"});
    this->place(workflow, 0, 0);
    this->finish_attempt(workflow, 0, 0, InfrastructureFailed{"gone", true});
    workflow.jobs[0].tasks[0].status = TaskStatus::queued;
    this->store(workflow, {0});
    EXPECT_TRUE(this->queue().live()->empty());
    EXPECT_EQ(this->queued().front(), attempt_of(workflow, 0, 0, 2));
    workflow = this->load(workflow.id);
    this->place(workflow, 0, 0);
    this->store(workflow, {0});
    const auto live = *this->queue().live();
    ASSERT_EQ(live.size(), 1U);
    EXPECT_EQ(live[0].attempt, attempt_of(workflow, 0, 0, 2));
}

TYPED_TEST_P(TaskQueueContract, AnAttemptOfACanceledJobIsLiveUntilItEndsAndShallStop) {
    auto workflow = this->make_workflow({"build"});
    this->place(workflow, 0, 0);
    this->store(workflow, {0});
    workflow = this->load(workflow.id);
    workflow.jobs[0].status = JobStatus::canceled;
    workflow.jobs[0].canceled_by = "ann";
    workflow.jobs[0].stopped_at = at(400);
    for (auto& task : workflow.jobs[0].tasks) task.status = TaskStatus::finished;
    this->end(workflow, WorkflowStatus::canceled);
    this->store(workflow, {0});
    EXPECT_TRUE(this->queued().empty());
    const auto live = *this->queue().live();
    ASSERT_EQ(live.size(), 1U);
    EXPECT_TRUE(live[0].stop_asked);
    workflow = this->load(workflow.id);
    this->finish_attempt(workflow, 0, 0, Canceled{});
    this->store(workflow, {0});
    EXPECT_TRUE(this->queue().live()->empty());
}

TYPED_TEST_P(TaskQueueContract, AnAttemptOfAnUnauthorizedJobIsLiveUntilItEndsAndShallStop) {
    auto workflow = this->make_workflow({"build"});
    this->place(workflow, 0, 0);
    this->place(workflow, 0, 1);
    this->claim(workflow, 0, 1);
    workflow.jobs[0].status = JobStatus::unauthorized;
    workflow.jobs[0].stopped_at = at(400);
    for (auto& task : workflow.jobs[0].tasks) task.status = TaskStatus::finished;
    this->end(workflow, WorkflowStatus::unauthorized);
    this->store(workflow, {0});
    const auto live = *this->queue().live();
    ASSERT_EQ(live.size(), 2U);
    EXPECT_TRUE(live[0].stop_asked) << "placed: nobody shall take it";
    EXPECT_TRUE(live[1].stop_asked) << "running: it has secrets that it may not have";
}

REGISTER_TYPED_TEST_SUITE_P(TaskQueueContract, QueuedTasksAreOldestFirst, AQueuedTaskSaysWhatItNeeds,
                            APlacedTaskMovesFromQueuedToLive, AClaimedAttemptKeepsItsTokensHash,
                            ALostAttemptMakesTheTaskQueuedForTheNextOne,
                            AnAttemptOfACanceledJobIsLiveUntilItEndsAndShallStop,
                            AnAttemptOfAnUnauthorizedJobIsLiveUntilItEndsAndShallStop);

}  // namespace gyre::contract
