#pragma once

// The promises of ports/workflow_store.h.

#include <atomic>
#include <mutex>
#include <set>

#include "ports/contract/examples.h"
#include "ports/contract/threads.h"

namespace gyre::contract {

template <typename World>
class WorkflowStoreContract : public StoresContract<World> {
protected:
    WorkflowStore& store_port() { return this->world_.stores.workflow_store(); }
};
TYPED_TEST_SUITE_P(WorkflowStoreContract);

TYPED_TEST_P(WorkflowStoreContract, AWorkflowComesBackAsItWasAndKnowsItsVersion) {
    auto workflow = this->new_workflow(this->make_pipeline(this->make_project()), {"build", "test", "deploy"});
    workflow.started_by = "ann";
    workflow.jobs[1].requires_ = {0};
    workflow.jobs[2].requires_ = {0, 1};
    workflow.jobs[1].kept_from = JobId{"earlier"};
    workflow.jobs[2].required_ends = {{1, {JobStatus::failed, JobStatus::not_run}}};
    workflow.jobs[2].unavailable = "no agent has a Mac";
    workflow.jobs[1].serial_group = "git:deploy";
    workflow.jobs[1].job_group = "release";
    workflow.jobs[1].ssh = true;
    workflow.jobs[2].failed_tests_of = JobId{"earlier-deploy"};
    workflow.jobs[0].tasks[0].ready_at = at(7);
    workflow.rerun_of = WorkflowId{"before"};
    workflow.max_auto_reruns = 3;
    workflow.auto_reruns = 2;
    this->place(workflow, 0, 1, "machine-7");
    this->finish_attempt(workflow, 0, 1, InfrastructureFailed{"the machine is gone", true});
    this->place(workflow, 0, 1);
    this->claim(workflow, 0, 1);
    EXPECT_EQ(this->store(workflow, {}), Committed::stored);
    workflow.version = 1;
    EXPECT_EQ(this->load(workflow.id), workflow);
}

TYPED_TEST_P(WorkflowStoreContract, APipelineComesBackWithItsPlan) {
    auto pipeline = this->new_pipeline(this->make_project(), "naïve/branch");
    pipeline.state = PipelineState::errored;
    pipeline.note = "skipped";
    pipeline.errors = {{"config", ".circleci/config.yml:1:1: no\n  ^"}};
    pipeline.trigger.commit.subject = std::string("NUL \0 inside, and \"quotes\"", 26);
    auto commit = this->next_commit();
    commit.pipeline = pipeline;
    this->commit(commit);
    const auto loaded = this->store_port().load_pipeline(pipeline.id);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    EXPECT_EQ(to_json_text(loaded->trigger), to_json_text(pipeline.trigger));
    EXPECT_EQ(to_json_text(loaded->errors), to_json_text(pipeline.errors));
    EXPECT_EQ(loaded->note, pipeline.note);
    EXPECT_EQ(loaded->plan, pipeline.plan);
    EXPECT_EQ(loaded->config_source, pipeline.config_source);
    EXPECT_EQ(loaded->state, PipelineState::errored);
    EXPECT_EQ(loaded->number, pipeline.number);
    EXPECT_EQ(loaded->updated_at, pipeline.updated_at);
}

TYPED_TEST_P(WorkflowStoreContract, APipelineIsWrittenWholeAgain) {
    auto pipeline = this->make_pipeline(this->make_project());
    pipeline.state = PipelineState::setup_pending;
    auto waiting = this->next_commit();
    waiting.pipeline = pipeline;
    this->commit(waiting);
    EXPECT_EQ(this->store_port().load_pipeline(pipeline.id)->continuation, std::nullopt);
    pipeline.state = PipelineState::errored;
    pipeline.continuation = Continuation{"version: 2.1\n", {{"deploy", true}, {"level", 3}}, from_millis(5)};
    pipeline.plan.jobs.pop_back();
    auto commit = this->next_commit();
    commit.pipeline = pipeline;
    this->commit(commit);
    const auto loaded = this->store_port().load_pipeline(pipeline.id);
    EXPECT_EQ(loaded->state, PipelineState::errored);
    EXPECT_EQ(loaded->plan, pipeline.plan);
    EXPECT_EQ(loaded->continuation, pipeline.continuation);
}

TYPED_TEST_P(WorkflowStoreContract, TheSameEventAgainChangesNothing) {
    auto workflow = this->make_workflow({"build"});
    auto commit = this->next_commit();
    this->place(workflow, 0, 0);
    commit.workflows = {with_only(workflow, {0})};
    commit.effects = {WakeDispatch{}};
    EXPECT_EQ(this->commit(commit), Committed::stored);
    const auto once = this->load(workflow.id);
    EXPECT_EQ(this->commit(commit), Committed::duplicate);
    EXPECT_EQ(this->load(workflow.id), once);
    EXPECT_EQ(this->world_.stores.outbox().pending(10)->size(), 1U);
}

TYPED_TEST_P(WorkflowStoreContract, AnOldVersionIsAConflictAndLeavesNoTrace) {
    const auto workflow = this->make_workflow({"build"});
    auto faster = workflow;
    this->place(faster, 0, 0);
    this->store(faster, {0});
    const auto stored = this->load(workflow.id);

    auto slower = workflow;
    this->place(slower, 0, 1);
    auto commit = this->next_commit();
    commit.workflows = {with_only(slower, {0})};
    commit.effects = {WakeDispatch{}};
    expect_fault(this->store_port().commit(commit), Fault::conflict);
    EXPECT_EQ(this->load(workflow.id), stored);
    EXPECT_TRUE(this->world_.stores.outbox().pending(10)->empty());

    auto again = stored;
    this->place(again, 0, 1);
    commit.workflows = {with_only(again, {0})};
    EXPECT_EQ(this->commit(commit), Committed::stored) << "the refused event must not count as seen";
}

TYPED_TEST_P(WorkflowStoreContract, TwoWhoChangeTheSameVersionCannotBothWin) {
    const auto workflow = this->make_workflow({"build"});
    std::vector<Commit> commits;
    for (int i = 0; i < 4; ++i) {
        auto mine = workflow;
        this->place(mine, 0, i % 2, "client-" + std::to_string(i));
        commits.push_back(this->next_commit());
        commits.back().workflows = {with_only(mine, {0})};
    }
    std::atomic<int> won = 0;
    in_threads(4, [&](int i) { won += this->store_port().commit(commits[static_cast<std::size_t>(i)]).ok() ? 1 : 0; });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(this->load(workflow.id).version, 2);
}

TYPED_TEST_P(WorkflowStoreContract, OnlyTheNamedJobsAreWritten) {
    auto workflow = this->make_workflow({"build", "test"});
    this->place(workflow, 0, 0);
    this->place(workflow, 1, 0);
    this->store(workflow, {1});
    const auto loaded = this->load(workflow.id);
    EXPECT_TRUE(loaded.jobs[0].tasks[0].attempts.empty());
    EXPECT_EQ(loaded.jobs[1], workflow.jobs[1]);
    EXPECT_EQ(loaded.version, 2);
}

TYPED_TEST_P(WorkflowStoreContract, AJobOfAnotherWorkflowIsRefused) {
    const auto project = this->make_project();
    const auto workflow = this->make_workflow(this->make_pipeline(project), {"build"});
    auto strange = workflow;
    strange.jobs[0].id = this->make_workflow(this->make_pipeline(project), {"build"}).jobs[0].id;
    auto commit = this->next_commit();
    commit.workflows = {strange};
    expect_fault(this->store_port().commit(commit), Fault::invalid);
    EXPECT_EQ(this->load(workflow.id), workflow);
}

TYPED_TEST_P(WorkflowStoreContract, SeveralCommitsAreStoredInTheirOrder) {
    const auto project = this->make_project();
    auto workflow = this->make_workflow(this->make_pipeline(project), {"build", "test"});
    auto other = this->make_workflow(this->make_pipeline(project), {"build"});
    std::vector<Commit> commits;
    const auto place_in = [&](Workflow& changed, std::size_t job, int task = 0) {
        this->place(changed, job, task);
        commits.push_back(this->next_commit());
        commits.back().workflows = {with_only(changed, {job})};
        commits.back().effects = {StopAttempt{attempt_of(changed, job), "to be seen"}};
        ++changed.version;
    };
    place_in(workflow, 0);
    place_in(other, 0);
    place_in(workflow, 0, 1);
    place_in(workflow, 1);
    EXPECT_EQ(this->store_port().commit_all(commits).value_or(0), 4U);
    EXPECT_EQ(this->load(workflow.id), workflow);
    EXPECT_EQ(this->load(other.id), other);
    const auto told = this->world_.stores.outbox().pending(10);
    ASSERT_EQ(told->size(), 4U);
    EXPECT_EQ(std::get<StopAttempt>(told->back().effect).attempt, attempt_of(workflow, 1));
}

// Whether the first is stored with it or not: what is said is what is there, and the rest can be stored alone.
TYPED_TEST_P(WorkflowStoreContract, OfSeveralCommitsThoseBehindOneThatCannotBeAreNotStored) {
    const auto project = this->make_project();
    for (const bool seen_before : {true, false}) {
        auto first = this->make_workflow(this->make_pipeline(project), {"build"});
        auto last = this->make_workflow(this->make_pipeline(project), {"build"});
        auto bad = this->make_workflow(this->make_pipeline(project), {"build"});
        const auto before = std::vector{first, bad, last};
        std::vector<Commit> commits;
        for (auto* workflow : {&first, &bad, &last}) {
            this->place(*workflow, 0, 0);
            commits.push_back(this->next_commit());
            commits.back().workflows = {with_only(*workflow, {0})};
        }
        if (seen_before) {
            this->commit({.event = commits[1].event, .kind = "test"});
        } else {
            commits[1].workflows[0].version = 7;
        }
        const auto stored = this->store_port().commit_all(commits);
        ASSERT_TRUE(stored.ok()) << stored.error().message;
        ASSERT_LE(*stored, 1U);
        EXPECT_EQ(this->load(first.id).version, *stored == 1 ? 2 : 1);
        EXPECT_EQ(this->load(bad.id), before[1]);
        EXPECT_EQ(this->load(last.id), before[2]);
        if (*stored == 0) {
            EXPECT_EQ(this->commit(commits[0]), Committed::stored);
        }
        EXPECT_EQ(this->commit(commits[2]), Committed::stored);
    }
}

TYPED_TEST_P(WorkflowStoreContract, AWorkflowIsNewOnce) {
    auto workflow = this->make_workflow({"build"});
    workflow.version = 0;
    auto commit = this->next_commit();
    commit.workflows = {workflow};
    expect_fault(this->store_port().commit(commit), Fault::conflict);
}

TYPED_TEST_P(WorkflowStoreContract, APipelineNumberIsTakenOnce) {
    const auto first = this->make_pipeline(this->make_project());
    auto second = first;
    second.id = {"another"};
    auto commit = this->next_commit();
    commit.pipeline = second;
    expect_fault(this->store_port().commit(commit), Fault::conflict);
}

TYPED_TEST_P(WorkflowStoreContract, NumbersAreReservedPerProjectFromOne) {
    const auto shop = this->make_project("git/shop");
    const auto till = this->make_project("git/till");
    auto numbers = this->store_port().reserve(shop.id, true, 3);
    EXPECT_EQ(numbers->pipeline, 1);
    EXPECT_EQ(numbers->first_build, 1);
    numbers = this->store_port().reserve(shop.id, false, 2);
    EXPECT_EQ(numbers->pipeline, 0);
    EXPECT_EQ(numbers->first_build, 4);
    numbers = this->store_port().reserve(shop.id, true, 1);
    EXPECT_EQ(numbers->pipeline, 2);
    EXPECT_EQ(numbers->first_build, 6);
    EXPECT_EQ(this->store_port().reserve(till.id, true, 0)->pipeline, 1);
    expect_fault(this->store_port().reserve(shop.id, true, -1), Fault::invalid);
}

TYPED_TEST_P(WorkflowStoreContract, NoNumberIsReservedTwiceByManyThreads) {
    const auto project = this->make_project();
    std::mutex mutex;
    std::set<std::int64_t> numbers;
    in_threads(4, [&](int) {
        for (int call = 0; call < 10; ++call) {
            const auto reserved = this->store_port().reserve(project.id, false, 2);
            const std::lock_guard lock(mutex);
            numbers.insert({reserved->first_build, reserved->first_build + 1});
        }
    });
    EXPECT_EQ(numbers.size(), 80U);
    EXPECT_EQ(*numbers.rbegin(), 80);
}

TYPED_TEST_P(WorkflowStoreContract, WhatIsUnknownIsNotFound) {
    const auto workflow = this->make_workflow({"build"});
    EXPECT_EQ(*this->store_port().workflow_of(workflow.jobs[0].id), workflow.id);
    expect_fault(this->store_port().workflow_of({"nobody"}), Fault::not_found);
    expect_fault(this->store_port().load_job({"nobody"}), Fault::not_found);
    expect_fault(this->store_port().load({"nothing"}), Fault::not_found);
    expect_fault(this->store_port().load_pipeline({"nothing"}), Fault::not_found);
}

TYPED_TEST_P(WorkflowStoreContract, AJobIsLoadedAsInItsWorkflowWithoutTheOthers) {
    auto workflow = this->make_workflow({"first", "second", "third"});
    for (auto& job : workflow.jobs) {
        job.tasks.front().attempts.push_back({.number = 1, .client = job.name, .placed_at = from_millis(1)});
    }
    this->store(workflow, {0, 1, 2});
    auto expected = *this->store_port().load(workflow.id);
    expected.jobs.erase(expected.jobs.begin() + 2);
    expected.jobs.erase(expected.jobs.begin());
    ASSERT_EQ(expected.jobs.front().name, "second");
    ASSERT_EQ(expected.jobs.front().tasks.front().attempts.size(), 1U);
    EXPECT_EQ(*this->store_port().load_job(expected.jobs.front().id), expected);
}

TYPED_TEST_P(WorkflowStoreContract, UnfinishedWorkflowsAreOldestFirstAndLeaveWhenTheyEnd) {
    const auto pipeline = this->make_pipeline(this->make_project());
    auto first = this->make_workflow(pipeline, {"a"});
    const auto second = this->make_workflow(pipeline, {"b"});
    EXPECT_EQ(*this->store_port().unfinished(), (std::vector{first.id, second.id}));
    first.status = WorkflowStatus::failing;
    this->store(first, {});
    EXPECT_EQ(this->store_port().unfinished()->size(), 2U) << "failing is not an end";
    first = this->load(first.id);
    this->end(first, WorkflowStatus::failed);
    this->store(first, {});
    EXPECT_EQ(*this->store_port().unfinished(), (std::vector{second.id}));
}

TYPED_TEST_P(WorkflowStoreContract, TheNumberBeforeIsThatOfAJobOnTheBranch) {
    const auto shop = this->make_project("git/shop");
    const auto first = this->make_workflow(this->make_pipeline(shop, "topic"), {"a", "b"}).jobs;
    this->make_workflow(this->make_pipeline(shop, "main"), {"c"});
    this->make_workflow(this->make_pipeline(this->make_project("git/till"), "topic"), {"d"});
    auto rerun = this->new_workflow(this->make_pipeline(shop, "topic"), {"e", "f"});
    rerun.jobs[0].kept_from = first[0].id;
    this->store(rerun, {});
    const auto before = [&](const WorkflowJob& job) {
        return this->store_port().number_before(shop.id, "topic", job.number).value();
    };
    EXPECT_EQ(before(rerun.jobs[1]), first[1].number) << "what is kept did not run";
    EXPECT_EQ(before(first[1]), first[0].number);
    EXPECT_EQ(before(first[0]), std::nullopt);
}

REGISTER_TYPED_TEST_SUITE_P(WorkflowStoreContract, TheNumberBeforeIsThatOfAJobOnTheBranch,
                            AWorkflowComesBackAsItWasAndKnowsItsVersion, APipelineComesBackWithItsPlan,
                            APipelineIsWrittenWholeAgain, TheSameEventAgainChangesNothing,
                            AnOldVersionIsAConflictAndLeavesNoTrace, TwoWhoChangeTheSameVersionCannotBothWin,
                            OnlyTheNamedJobsAreWritten, AJobOfAnotherWorkflowIsRefused,
                            SeveralCommitsAreStoredInTheirOrder, OfSeveralCommitsThoseBehindOneThatCannotBeAreNotStored,
                            AWorkflowIsNewOnce, APipelineNumberIsTakenOnce, NumbersAreReservedPerProjectFromOne,
                            NoNumberIsReservedTwiceByManyThreads, WhatIsUnknownIsNotFound,
                            AJobIsLoadedAsInItsWorkflowWithoutTheOthers,
                            UnfinishedWorkflowsAreOldestFirstAndLeaveWhenTheyEnd);

}  // namespace gyre::contract
