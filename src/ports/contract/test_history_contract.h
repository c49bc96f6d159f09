#pragma once

// The promises of ports/test_history.h.

#include "ports/contract/examples.h"
#include "ports/contract/threads.h"
#include "ports/test_history.h"

namespace gyre::contract {

template <typename World>
class TestHistoryContract : public StoresContract<World> {
protected:
    TestHistory& history() { return this->world_.stores.test_history(); }

    // A workflow with one job of this name, whose two tasks have a first attempt.
    Workflow build(const Pipeline& pipeline, const char* name = "test") {
        auto workflow = this->make_workflow(pipeline, {name});
        this->place(workflow, 0, 0);
        this->place(workflow, 0, 1);
        this->store(workflow, {0});
        return this->load(workflow.id);
    }
    void report(const Workflow& workflow, int task, const std::vector<TestCase>& tests) {
        const auto added =
            this->world_.stores.run_records().add_tests(attempt_of(workflow, 0, task), next_batch_++, tests);
        ASSERT_TRUE(added.ok()) << added.error().message;
    }
    void end_as(Workflow& workflow, JobStatus status) {
        workflow = this->load(workflow.id);
        workflow.jobs[0].status = status;
        workflow.jobs[0].stopped_at = at(400);
        this->store(workflow, {0});
    }
    // A build that succeeded, with results. Answers its job.
    JobId timed(const Pipeline& pipeline, const char* name = "test") {
        auto workflow = build(pipeline, name);
        report(workflow, 0, {{.name = "a", .run_time = 1}});
        end_as(workflow, JobStatus::success);
        return workflow.jobs[0].id;
    }
    std::optional<JobId> source_of(const JobId& job) {
        const auto source = history().timings_source(job);
        EXPECT_TRUE(source.ok()) << source.error().message;
        return source.value_or(std::nullopt);
    }
    JobId asking(const Pipeline& pipeline, const char* name = "test") { return build(pipeline, name).jobs[0].id; }
    std::vector<std::string> names_of(const JobId& job, TestChoice choice, const TestBudget& budget = {}) {
        std::vector<std::string> names;
        const auto some = history().some_tests(job, choice, budget);
        for (const auto& test : some->tests) names.push_back(test.name);
        if (some->cut) names.emplace_back("...");
        return names;
    }

private:
    int next_batch_ = 0;
};
TYPED_TEST_SUITE_P(TestHistoryContract);

TYPED_TEST_P(TestHistoryContract, TheSlowestTestsComeFirstWithoutTheirMessages) {
    const auto workflow = this->build(this->make_pipeline(this->make_project()));
    const auto& job = workflow.jobs[0].id;
    this->report(workflow, 1, {{.name = "fast", .run_time = 0.5}});
    this->report(workflow, 0, {{.name = "slow", .file = "a.py", .run_time = 2, .message = "long"}, {.name = "none"}});
    const auto some = this->history().some_tests(job, TestChoice::all, {});
    EXPECT_EQ(this->names_of(job, TestChoice::all), (std::vector<std::string>{"slow", "fast", "none"}));
    EXPECT_EQ(some->tests[0], (TestCase{.name = "slow", .file = "a.py", .run_time = 2}));
    EXPECT_EQ(some->tasks, (std::set<int>{0, 1}));
}

TYPED_TEST_P(TestHistoryContract, ThoseThatFailedAreToldWithTheirTasks) {
    const auto workflow = this->build(this->make_pipeline(this->make_project()));
    const auto& job = workflow.jobs[0].id;
    const auto ended = [](const char* name, TestResult result) { return TestCase{.name = name, .result = result}; };
    this->report(workflow, 0, {ended("good", TestResult::success), ended("skipped", TestResult::skipped)});
    this->report(workflow, 1, {ended("bad", TestResult::failure), ended("worse", TestResult::error)});
    EXPECT_EQ(this->names_of(job, TestChoice::failed), (std::vector<std::string>{"bad", "worse"}));
    EXPECT_EQ(this->history().some_tests(job, TestChoice::failed, {})->tasks, (std::set<int>{1}));
    EXPECT_TRUE(this->names_of({"nothing"}, TestChoice::failed).empty());
}

TYPED_TEST_P(TestHistoryContract, WhatDoesNotFitIsCutAndSaid) {
    const auto workflow = this->build(this->make_pipeline(this->make_project()));
    const auto& job = workflow.jobs[0].id;
    this->report(workflow, 0, {{.name = "aaaa", .run_time = 3}, {.name = "bbbb", .run_time = 2}, {.name = "cc"}});
    using Names = std::vector<std::string>;
    EXPECT_EQ(this->names_of(job, TestChoice::all, {.tests = 3}), (Names{"aaaa", "bbbb", "cc"}));
    EXPECT_EQ(this->names_of(job, TestChoice::all, {.tests = 2}), (Names{"aaaa", "bbbb", "..."}));
    EXPECT_EQ(this->names_of(job, TestChoice::all, {.tests = 0}), (Names{"..."}));
    EXPECT_EQ(this->names_of(job, TestChoice::all, {.bytes = 10}), (Names{"aaaa", "bbbb", "cc"}));
    EXPECT_EQ(this->names_of(job, TestChoice::all, {.bytes = 7}), (Names{"aaaa", "..."}));
}

TYPED_TEST_P(TestHistoryContract, OnlyTheLastAttemptOfATaskIsTold) {
    auto workflow = this->build(this->make_pipeline(this->make_project()));
    this->report(workflow, 0, {{.name = "stale", .result = TestResult::failure}});
    this->finish_attempt(workflow, 0, 0, InfrastructureFailed{"gone", true});
    this->place(workflow, 0, 0);
    this->store(workflow, {0});
    EXPECT_TRUE(this->names_of(workflow.jobs[0].id, TestChoice::failed).empty());
}

TYPED_TEST_P(TestHistoryContract, TimingsComeFromTheNewestSuccessOfTheName) {
    const auto pipeline = this->make_pipeline(this->make_project());
    this->timed(pipeline);
    const auto newest = this->timed(pipeline);
    this->timed(pipeline, "lint");
    auto red = this->build(pipeline);
    this->report(red, 0, {{.name = "a"}});
    this->end_as(red, JobStatus::failed);
    auto silent = this->build(pipeline);
    this->end_as(silent, JobStatus::success);
    const auto running = this->build(pipeline);
    this->report(running, 0, {{.name = "a"}});
    const auto asking = this->asking(pipeline);
    this->timed(pipeline);
    EXPECT_EQ(this->source_of(asking), newest) << "one without results, running, red or later tells nothing";
    EXPECT_EQ(this->source_of(this->asking(pipeline, "none")), std::nullopt);
    EXPECT_EQ(this->source_of(this->asking(this->make_pipeline(this->make_project("git/other")))), std::nullopt);
    expect_fault(this->history().timings_source({"no-such-job"}), Fault::not_found);
}

TYPED_TEST_P(TestHistoryContract, TimingsOfTheSameBranchArePreferred) {
    const auto project = this->make_project();
    const auto on_dev = this->make_pipeline(project, "dev");
    const auto of_dev = this->timed(on_dev);
    const auto of_main = this->timed(this->make_pipeline(project, "main"));
    EXPECT_EQ(this->source_of(this->asking(on_dev)), of_dev);
    EXPECT_EQ(this->source_of(this->asking(this->make_pipeline(project, "new"))), of_main);
}

TYPED_TEST_P(TestHistoryContract, NeitherForksNorRerunsOfFailedTestsNorKeptJobsTellTimings) {
    const auto project = this->make_project();
    const auto pipeline = this->make_pipeline(project);
    const auto source = this->timed(pipeline);
    auto fork = this->new_pipeline(project);
    fork.trigger.fork = "gh/mallory/shop";
    auto commit = this->next_commit();
    commit.pipeline = fork;
    this->commit(commit);
    this->timed(fork);
    auto part = this->new_workflow(pipeline, {"test"});
    part.jobs[0].failed_tests_of = source;
    this->place(part, 0, 0);
    this->store(part, {});
    part = this->load(part.id);
    this->report(part, 0, {{.name = "a"}});
    this->end_as(part, JobStatus::success);
    auto kept = this->new_workflow(pipeline, {"test"});
    kept.jobs[0].kept_from = source;
    kept.jobs[0].status = JobStatus::success;
    kept.jobs[0].stopped_at = at(400);
    this->store(kept, {});
    EXPECT_EQ(this->source_of(this->asking(pipeline)), source);
    EXPECT_EQ(this->source_of(this->asking(fork)), source) << "a fork reads, and never writes";
}

TYPED_TEST_P(TestHistoryContract, WhatWasAnsweredFirstStandsForGood) {
    const auto pipeline = this->make_pipeline(this->make_project());
    auto late = this->build(pipeline);
    this->report(late, 0, {{.name = "a"}});
    const auto asking = this->asking(pipeline);
    const auto told_nothing = this->asking(pipeline);
    EXPECT_EQ(this->source_of(told_nothing), std::nullopt);
    this->end_as(late, JobStatus::success);
    EXPECT_EQ(this->source_of(told_nothing), std::nullopt);
    EXPECT_EQ(this->source_of(asking), late.jobs[0].id);
    in_threads(4, [&](int) { EXPECT_EQ(this->source_of(asking), late.jobs[0].id); });
}

REGISTER_TYPED_TEST_SUITE_P(TestHistoryContract, TheSlowestTestsComeFirstWithoutTheirMessages,
                            ThoseThatFailedAreToldWithTheirTasks, WhatDoesNotFitIsCutAndSaid,
                            OnlyTheLastAttemptOfATaskIsTold, TimingsComeFromTheNewestSuccessOfTheName,
                            TimingsOfTheSameBranchArePreferred,
                            NeitherForksNorRerunsOfFailedTestsNorKeptJobsTellTimings,
                            WhatWasAnsweredFirstStandsForGood);

}  // namespace gyre::contract
