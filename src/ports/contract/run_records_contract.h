#pragma once

// The promises of ports/run_records.h.

#include <atomic>

#include "ports/contract/examples.h"
#include "ports/contract/threads.h"
#include "ports/run_records.h"

namespace gyre::contract {

// One workflow with a job of two tasks, each with a first attempt.
template <typename World>
class RunRecordsContract : public StoresContract<World> {
protected:
    void SetUp() override {
        workflow_ = this->make_workflow({"build"});
        this->place(workflow_, 0, 0);
        this->place(workflow_, 0, 1);
        this->store(workflow_, {0});
    }
    RunRecords& records() { return this->world_.stores.run_records(); }
    const JobId& job() const { return workflow_.jobs[0].id; }
    AttemptRef attempt(int task, int number = 1) const { return attempt_of(workflow_, 0, task, number); }
    // The first attempt of the task is lost and a second one placed.
    void retry(int task) {
        workflow_ = this->load(workflow_.id);
        this->finish_attempt(workflow_, 0, task, InfrastructureFailed{"gone", true});
        this->place(workflow_, 0, task);
        this->store(workflow_, {0});
    }
    static std::vector<std::string> names_of(const Result<std::vector<TestCase>>& tests) {
        std::vector<std::string> names;
        for (const auto& test : *tests) names.push_back(test.name);
        return names;
    }

    Workflow workflow_;
};
TYPED_TEST_SUITE_P(RunRecordsContract);

TYPED_TEST_P(RunRecordsContract, StepsComeByIndexAndALaterReportReplacesAnEarlierOne) {
    StepRecord build{.index = 102, .name = "make", .type = "run", .command = "make all", .started_at = at(1)};
    const StepRecord checkout{.index = 101, .name = "Checkout code", .type = "checkout", .status = StepStatus::success};
    EXPECT_TRUE(this->records().save_steps(this->attempt(0), {build, checkout}).ok());
    build.status = StepStatus::failed;
    build.exit_code = 2;
    build.run_time_ms = 1234;
    build.stopped_at = at(2);
    build.output_bytes = std::int64_t{5} << 32;
    build.background = build.truncated = true;
    EXPECT_TRUE(this->records().save_steps(this->attempt(0), {build}).ok());
    EXPECT_TRUE(this->records().save_steps(this->attempt(0), {build}).ok());
    EXPECT_EQ(*this->records().steps(this->attempt(0)), (std::vector{checkout, build}));
    EXPECT_TRUE(this->records().steps(this->attempt(1))->empty());
}

TYPED_TEST_P(RunRecordsContract, AnArtifactIsKnownByAttemptAndPath) {
    const Artifact log{.task = 0, .path = "logs/a.txt", .blob = std::string(64, 'a'), .size = 3};
    const Artifact other{.task = 1, .path = "logs/a.txt", .blob = std::string(64, 'b'), .size = 4};
    EXPECT_TRUE(this->records().add_artifact(this->attempt(1), other).ok());
    EXPECT_TRUE(this->records().add_artifact(this->attempt(0), log).ok());
    EXPECT_TRUE(this->records().add_artifact(this->attempt(0), log).ok());
    EXPECT_EQ(*this->records().artifacts(this->job()), (std::vector{log, other}));
}

TYPED_TEST_P(RunRecordsContract, OnlyTheLastAttemptOfATaskCounts) {
    const Artifact stale{.task = 0, .path = "a", .blob = std::string(64, 'a'), .size = 1};
    const Artifact kept{.task = 1, .path = "a", .blob = std::string(64, 'b'), .size = 1};
    EXPECT_TRUE(this->records().add_artifact(this->attempt(0), stale).ok());
    EXPECT_TRUE(this->records().add_artifact(this->attempt(1), kept).ok());
    EXPECT_TRUE(this->records().add_tests(this->attempt(0), 0, {{.name = "stale"}}).ok());
    EXPECT_TRUE(this->records().add_tests(this->attempt(1), 0, {{.name = "kept"}}).ok());
    this->retry(0);
    EXPECT_EQ(*this->records().artifacts(this->job()), (std::vector{kept}));
    EXPECT_EQ(this->names_of(this->records().tests(this->job())), (std::vector<std::string>{"kept"}));
    const Artifact fresh{.task = 0, .path = "a", .blob = std::string(64, 'c'), .size = 1};
    EXPECT_TRUE(this->records().add_artifact(this->attempt(0, 2), fresh).ok());
    EXPECT_EQ(*this->records().artifacts(this->job()), (std::vector{fresh, kept}));
}

TYPED_TEST_P(RunRecordsContract, ATestResultComesBackWhole) {
    const TestCase test{.name = "adds",
                        .classname = "Sum",
                        .file = "sum_test.py",
                        .source = "pytest",
                        .result = TestResult::error,
                        .run_time = 0.125,
                        .message = "Traceback …"};
    EXPECT_TRUE(this->records().add_tests(this->attempt(0), 0, {test}).ok());
    EXPECT_EQ(*this->records().tests(this->job()), std::vector{test});
}

TYPED_TEST_P(RunRecordsContract, FailedTestsComeFirstThenTheOrderOfTheReports) {
    const auto result = [](const char* name, TestResult how) { return TestCase{.name = name, .result = how}; };
    EXPECT_TRUE(this->records().add_tests(this->attempt(1), 0, {result("e", TestResult::error)}).ok());
    EXPECT_TRUE(
        this->records()
            .add_tests(this->attempt(0), 1, {result("c", TestResult::skipped), result("d", TestResult::failure)})
            .ok());
    EXPECT_TRUE(
        this->records()
            .add_tests(this->attempt(0), 0, {result("a", TestResult::success), result("b", TestResult::success)})
            .ok());
    EXPECT_EQ(this->names_of(this->records().tests(this->job())), (std::vector<std::string>{"d", "e", "a", "b", "c"}));
}

TYPED_TEST_P(RunRecordsContract, ABatchOfTestsCountsOnce) {
    const std::vector<TestCase> batch{{.name = "a"}, {.name = "a"}};
    EXPECT_TRUE(this->records().add_tests(this->attempt(0), 0, batch).ok());
    EXPECT_TRUE(this->records().add_tests(this->attempt(0), 0, batch).ok());
    EXPECT_EQ(this->records().tests(this->job())->size(), 2U) << "the same name twice in a report is two results";
}

TYPED_TEST_P(RunRecordsContract, ABatchThatComesTwiceAtOnceCountsOnceAndFailsForNobody) {
    std::vector<TestCase> cases;
    for (int number = 0; number < 20; ++number) cases.push_back({.name = "case " + std::to_string(number)});
    constexpr int batches = 20;
    std::atomic<int> refused = 0;
    for (int batch = 0; batch < batches; ++batch)
        in_threads(4, [&](int) { refused += this->records().add_tests(this->attempt(0), batch, cases).ok() ? 0 : 1; });
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(this->records().tests(this->job())->size(), batches * cases.size());
}

TYPED_TEST_P(RunRecordsContract, EachAttemptHasItsManifestAndTheLastToldCounts) {
    EXPECT_FALSE(this->records().manifest(this->attempt(0))->has_value());
    const ToldManifest first{.body = R"({"n":1})", .trees = {std::string(64, 'a')}, .told_at = at(1)};
    const ToldManifest second{.body = R"({"n":"ü \u0000"})", .trees = {std::string(64, 'b')}, .told_at = at(2)};
    EXPECT_TRUE(this->records().save_manifest(this->attempt(0), first).ok());
    EXPECT_TRUE(this->records().save_manifest(this->attempt(0), first, Durable::with_the_next).ok());
    EXPECT_TRUE(this->records().save_manifest(this->attempt(1), first).ok());
    EXPECT_TRUE(this->records().save_manifest(this->attempt(0), second).ok());
    this->retry(0);
    EXPECT_EQ(*this->records().manifest(this->attempt(0)), second.body);
    EXPECT_EQ(*this->records().manifest(this->attempt(1)), first.body);
    EXPECT_FALSE(this->records().manifest(this->attempt(0, 2))->has_value());
}

TYPED_TEST_P(RunRecordsContract, EachAttemptHasItsUsageAndTheLastToldCounts) {
    EXPECT_TRUE(this->records().usages({this->job()})->empty());
    EXPECT_TRUE(this->records().save_usage(this->attempt(1), R"({"n":"ü"})").ok());
    EXPECT_TRUE(this->records().save_usage(this->attempt(0), R"({"n":1})").ok());
    EXPECT_TRUE(this->records().save_usage(this->attempt(0), R"({"n":2})", Durable::with_the_next).ok());
    this->retry(0);
    EXPECT_TRUE(this->records().save_usage(this->attempt(0, 2), R"({"n":3})").ok());
    EXPECT_EQ(*this->records().usages({this->job()}),
              (std::vector<ToldUsage>{{0, 1, R"({"n":2})"}, {0, 2, R"({"n":3})"}, {1, 1, R"({"n":"ü"})"}}));
    EXPECT_TRUE(this->records().usages({.job = {"job-of-nobody"}})->empty());
}

TYPED_TEST_P(RunRecordsContract, UsagesComeInPagesAndByTaskAndAttempt) {
    this->retry(0);
    for (const auto& [task, number] : {std::pair(1, 1), std::pair(0, 2), std::pair(0, 1)})
        EXPECT_TRUE(this->records().save_usage(this->attempt(task, number), "{}").ok());
    const auto places = [&](const UsageQuery& query) {
        std::string told;
        const auto page = this->records().usages(query);
        for (const auto& usage : *page) told += std::to_string(usage.task) + "." + std::to_string(usage.attempt) + " ";
        return told;
    };
    const JobId job = this->job();
    EXPECT_EQ(places({.job = job, .limit = 2}), "0.1 0.2 ");
    EXPECT_EQ(places({.job = job, .after_task = 0, .after_attempt = 1}), "0.2 1.1 ");
    EXPECT_EQ(places({.job = job, .after_task = 0, .after_attempt = 2, .limit = 1}), "1.1 ");
    EXPECT_EQ(places({.job = job, .after_task = 1, .after_attempt = 1}), "");
    EXPECT_EQ(places({.job = job, .task = 0}), "0.1 0.2 ");
    EXPECT_EQ(places({.job = job, .attempt = 1}), "0.1 1.1 ");
    EXPECT_EQ(places({.job = job, .task = 0, .attempt = 2}), "0.2 ");
    EXPECT_EQ(places({.job = job, .task = 0, .after_task = 0, .after_attempt = 2}), "");
    EXPECT_EQ(places({.job = job, .limit = 0}), "");
}

REGISTER_TYPED_TEST_SUITE_P(RunRecordsContract, StepsComeByIndexAndALaterReportReplacesAnEarlierOne,
                            AnArtifactIsKnownByAttemptAndPath, OnlyTheLastAttemptOfATaskCounts,
                            ATestResultComesBackWhole, FailedTestsComeFirstThenTheOrderOfTheReports,
                            ABatchOfTestsCountsOnce, ABatchThatComesTwiceAtOnceCountsOnceAndFailsForNobody,
                            EachAttemptHasItsManifestAndTheLastToldCounts, EachAttemptHasItsUsageAndTheLastToldCounts,
                            UsagesComeInPagesAndByTaskAndAttempt);

}  // namespace gyre::contract
