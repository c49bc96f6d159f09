#pragma once

// The promises of ports/workflow_store.h and ports/task_queue.h about serial groups.

#include <atomic>

#include "ports/contract/examples.h"
#include "ports/contract/threads.h"
#include "ports/task_queue.h"

namespace gyre::contract {

template <typename World>
class SerialHoldsContract : public StoresContract<World> {
protected:
    // Of several jobs of the group "git:deploy", alone or as a job-group.
    Workflow waiting(std::initializer_list<const char*> names, const std::string& job_group = {}) {
        if (!project_) project_ = this->make_project();
        auto workflow = this->new_workflow(this->make_pipeline(*project_), names);
        for (auto& job : workflow.jobs) job.serial_group = "git:deploy", job.job_group = job_group;
        this->store(workflow, {});
        return this->load(workflow.id);
    }
    static SerialHold hold_of(const Workflow& workflow, std::size_t job) {
        const auto& one = workflow.jobs.at(job);
        return {one.serial_group, serial_holder(workflow.id, one.id, one.job_group), workflow.id, one.id};
    }
    // Places the job's first task, as its group's holder.
    Result<Committed> take(Workflow& workflow, std::size_t job) {
        auto placed = workflow;
        this->place(placed, job, 0);
        auto commit = this->next_commit();
        commit.workflows = {with_only(placed, {job})};
        commit.holds = {hold_of(workflow, job)};
        const auto done = store_port().commit(commit);
        if (done) workflow = this->load(workflow.id);
        return done;
    }
    Committed release(const SerialHold& hold) {
        auto commit = this->next_commit();
        commit.releases = {hold};
        return this->commit(commit);
    }
    WorkflowStore& store_port() { return this->world_.stores.workflow_store(); }
    QueuedTask queued(const Workflow& workflow, std::size_t job, int task = 0) {
        const auto tasks = this->world_.stores.task_queue().queued(100);
        for (const auto& each : *tasks)
            if (each.next.job == workflow.jobs.at(job).id && each.next.task == task) return each;
        ADD_FAILURE() << "not queued";
        return {};
    }

private:
    std::optional<Project> project_;
};
TYPED_TEST_SUITE_P(SerialHoldsContract);

TYPED_TEST_P(SerialHoldsContract, AGroupHasOneHolderAndTheNextIsToldWho) {
    auto first = this->waiting({"ship"});
    auto second = this->waiting({"ship"});
    ASSERT_TRUE(this->take(first, 0).ok());
    const auto refused = this->take(second, 0);
    expect_fault(refused, Fault::conflict);
    EXPECT_NE(refused.error().message.find("'deploy' is held by job 'ship'"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(this->load(second.id), second) << "nothing of the refused commit is stored";
    EXPECT_EQ(*this->store_port().serial_holds(), (std::vector{this->hold_of(first, 0)}));
}

TYPED_TEST_P(SerialHoldsContract, ARefusedEventMayComeAgain) {
    auto first = this->waiting({"ship"});
    const auto second = this->waiting({"ship"});
    ASSERT_TRUE(this->take(first, 0).ok());
    auto commit = this->next_commit();
    commit.holds = {this->hold_of(second, 0)};
    expect_fault(this->store_port().commit(commit), Fault::conflict);
    this->release(this->hold_of(first, 0));
    EXPECT_EQ(this->commit(commit), Committed::stored);
    EXPECT_EQ(*this->store_port().serial_holds(), (std::vector{this->hold_of(second, 0)}));
}

TYPED_TEST_P(SerialHoldsContract, WhoHoldsAGroupMayTakeItAgain) {
    auto release = this->waiting({"plan", "apply"}, "release");
    ASSERT_TRUE(this->take(release, 0).ok());
    ASSERT_TRUE(this->take(release, 1).ok());
    EXPECT_EQ(*this->store_port().serial_holds(), (std::vector{this->hold_of(release, 0)}));
}

TYPED_TEST_P(SerialHoldsContract, OnlyTheHolderGivesAGroupBack) {
    auto first = this->waiting({"ship"});
    const auto second = this->waiting({"ship"});
    ASSERT_TRUE(this->take(first, 0).ok());
    this->release(this->hold_of(second, 0));
    EXPECT_EQ(this->store_port().serial_holds()->size(), 1U);
    this->release(this->hold_of(first, 0));
    EXPECT_TRUE(this->store_port().serial_holds()->empty());
    this->release(this->hold_of(first, 0));
}

TYPED_TEST_P(SerialHoldsContract, OfManyWhoTakeAGroupAtOnceOneGetsIt) {
    std::vector<Commit> commits;
    for (int i = 0; i < 4; ++i) {
        commits.push_back(this->next_commit());
        commits.back().holds = {this->hold_of(this->waiting({"ship"}), 0)};
    }
    std::atomic<int> won = 0;
    in_threads(4, [&](int i) { won += this->store_port().commit(commits[static_cast<std::size_t>(i)]).ok() ? 1 : 0; });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(this->store_port().serial_holds()->size(), 1U);
}

TYPED_TEST_P(SerialHoldsContract, AQueuedTaskSaysWhoseTurnItIs) {
    auto first = this->waiting({"plan", "apply"}, "release");
    const auto second = this->waiting({"ship"});
    auto task = this->queued(second, 0);
    EXPECT_EQ(task.serial_group, "git:deploy");
    EXPECT_EQ(task.holder, second.jobs[0].id.text);
    EXPECT_EQ(task.held_as, "");
    const auto number = this->store_port().load_pipeline(first.pipeline)->number;
    ASSERT_TRUE(this->take(first, 0).ok());
    task = this->queued(second, 0);
    EXPECT_EQ(task.held_as, first.id.text + "/release");
    EXPECT_EQ(task.held_by, "job 'plan' of pipeline " + std::to_string(number) + " of git/shop");
    EXPECT_GT(task.pipeline_number, number);
    EXPECT_EQ(this->queued(first, 1).holder, this->queued(first, 1).held_as);
}

TYPED_TEST_P(SerialHoldsContract, AQueuedTaskSaysWhenARetryIsReady) {
    auto workflow = this->waiting({"ship"});
    EXPECT_EQ(this->queued(workflow, 0).ready_at, std::nullopt);
    workflow.jobs[0].tasks[0].ready_at = at(500);
    this->store(workflow, {0});
    EXPECT_EQ(this->queued(workflow, 0).ready_at, at(500));
    workflow = this->load(workflow.id);
    workflow.jobs[0].tasks[0].ready_at.reset();
    this->store(workflow, {0});
    EXPECT_EQ(this->load(workflow.id).jobs[0].tasks[0].ready_at, std::nullopt);
}

TYPED_TEST_P(SerialHoldsContract, UnfinishedWorkflowsAreFoundByBranch) {
    const auto shop = this->make_project("git/shop");
    const auto older = this->make_pipeline(shop, "topic");
    const auto newer = this->make_pipeline(shop, "topic");
    const auto first = this->make_workflow(older, {"a"});
    auto ended = this->make_workflow(older, {"b"});
    const auto second = this->make_workflow(newer, {"c"});
    this->make_workflow(this->make_pipeline(shop, "main"), {"d"});
    this->make_workflow(this->make_pipeline(this->make_project("git/till"), "topic"), {"e"});
    this->end(ended, WorkflowStatus::failed);
    this->store(ended, {});
    EXPECT_EQ(*this->store_port().unfinished_on(shop.id, "topic"),
              (std::vector<OpenWorkflow>{{first.id, older.id, older.number}, {second.id, newer.id, newer.number}}));
    EXPECT_TRUE(this->store_port().unfinished_on(shop.id, "other")->empty());
}

REGISTER_TYPED_TEST_SUITE_P(SerialHoldsContract, AGroupHasOneHolderAndTheNextIsToldWho, ARefusedEventMayComeAgain,
                            WhoHoldsAGroupMayTakeItAgain, OnlyTheHolderGivesAGroupBack,
                            OfManyWhoTakeAGroupAtOnceOneGetsIt, AQueuedTaskSaysWhoseTurnItIs,
                            AQueuedTaskSaysWhenARetryIsReady, UnfinishedWorkflowsAreFoundByBranch);

}  // namespace gyre::contract
