#include "gateway/earlier_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "gateway/test_world.h"

namespace gyre::gateway {
namespace {

using World = WorldOver<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

SomeTests failed_in(std::set<int> tasks, bool cut = false) {
    SomeTests some{.tests = {}, .tasks = std::move(tasks), .cut = cut};
    for (const int task : some.tasks) some.tests.push_back({.name = "of " + std::to_string(task)});
    return some;
}

WorkflowJob ended(const std::vector<Outcome>& outcomes) {
    WorkflowJob job{.id = {"before"}, .name = "test", .number = 17};
    for (const auto& outcome : outcomes) {
        Attempt attempt{.state = AttemptState::finished};
        attempt.outcome = outcome;
        job.tasks.push_back({.index = static_cast<int>(job.tasks.size()), .attempts = {attempt}});
    }
    return job;
}

TEST(WhyAllTests, is_empty_where_every_task_passed_or_says_what_failed) {
    EXPECT_EQ(why_all_tests(ended({Succeeded{}, Failed{"red"}}), failed_in({1})), "");
    EXPECT_EQ(why_all_tests(ended({Failed{"red"}, Failed{"red"}}), failed_in({0, 1})), "");
    EXPECT_EQ(why_all_tests(ended({Succeeded{.halted = true}, Failed{"red"}}), failed_in({1})), "");
    EXPECT_EQ(why_all_tests(ended({Succeeded{}, Failed{"red"}}), failed_in({0, 1})), "") << "its exit code was lost";
}

TEST(WhyAllTests, says_what_may_be_missing) {
    EXPECT_EQ(why_all_tests(ended({Failed{"red"}, Failed{"broke early"}}), failed_in({0})),
              "its task 1 ended without a result that failed");
    for (const Outcome& outcome : {Outcome(TimedOut{}), Outcome(Canceled{}), Outcome(InfrastructureFailed{})})
        EXPECT_NE(why_all_tests(ended({Failed{"red"}, outcome}), failed_in({0, 1})), "");
    EXPECT_EQ(why_all_tests(ended({Failed{"red"}}), failed_in({0}, true)), "more tests failed than are remembered");
    EXPECT_EQ(why_all_tests(ended({Succeeded{}}), failed_in({})), "no test of it failed");
    auto job = ended({Failed{"red"}, Failed{"red"}});
    job.tasks[1].attempts.clear();
    EXPECT_EQ(why_all_tests(job, failed_in({0})), "not all of it ran");
}

// The world's job `build`, which succeeded, becomes an earlier build of the job `test`.
void make_earlier(World& world, bool rerun) {
    auto workflow = *world.stores.workflow_store().load({"w1"});
    workflow.id = workflow.workspace = {"w2"};
    workflow.version = 0;
    workflow.jobs[0].id = {"earlier"};
    workflow.jobs[0].name = "test";
    workflow.jobs[0].tasks[0].attempts[0].outcome = Failed{"red"};
    workflow.jobs[0].number = 11;
    workflow.jobs[1].id = {"now"};
    workflow.jobs[1].number = 12;
    if (rerun) workflow.jobs[1].failed_tests_of = JobId{"earlier"};
    Commit commit{.event = {"more"}, .kind = "test"};
    commit.workflows.push_back(workflow);
    ASSERT_TRUE(world.stores.workflow_store().commit(commit).ok());
    const std::vector<TestCase> tests{{.name = "slow", .file = "a_test", .run_time = 2, .message = "long"},
                                      {.name = "bad", .file = "b_test", .result = TestResult::failure}};
    ASSERT_TRUE(world.stores.run_records().add_tests({{"earlier"}, 0, 1}, 0, tests).ok());
}

wire::EarlierTests asked_by(World& world, const AttemptRef& attempt) {
    AgentMouth agent(world.socket());
    world.gateway->offer(attempt);
    EXPECT_EQ(agent.claim().status, 200);
    const auto answer = agent.call("GET", "/tests");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return from_json_text<wire::EarlierTests>(answer.body).value_or({});
}

TEST(EarlierTests, tell_nothing_where_nothing_is_known) {
    World world;
    const auto told = asked_by(world, first);
    EXPECT_EQ(told.source, "");
    EXPECT_TRUE(told.tests.empty());
    EXPECT_EQ(told.failed.job, "");
}

TEST(EarlierTests, are_those_of_the_newest_success_of_the_same_name) {
    World world;
    make_earlier(world, false);
    const auto told = asked_by(world, {{"now"}, 0, 1});
    EXPECT_EQ(told.source, "job 11 (main)");
    ASSERT_EQ(told.tests.size(), 2U);
    EXPECT_EQ(told.tests[0].file, "a_test");
    EXPECT_EQ(told.tests[0].run_time, 2);
    EXPECT_EQ(told.tests[1].result, "failure");
    EXPECT_EQ(told.failed.job, "") << "all of its tests run";
}

TEST(EarlierTests, name_those_that_failed_to_a_rerun_of_them) {
    World world;
    make_earlier(world, true);
    AgentMouth agent(world.socket());
    world.gateway->offer({{"now"}, 1, 1});
    ASSERT_EQ(agent.claim().status, 200);
    EXPECT_TRUE(agent.assignment.only_failed_tests);
    const auto told = from_json_text<wire::EarlierTests>(agent.call("GET", "/tests").body).value();
    EXPECT_EQ(told.failed.job, "job 11");
    EXPECT_EQ(told.failed.all_because, "");
    ASSERT_EQ(told.failed.tests.size(), 1U);
    EXPECT_EQ(told.failed.tests[0].file, "b_test");
}

TEST(EarlierTests, with_control_characters_are_not_told_and_run_all_again_where_they_failed) {
    World world;
    make_earlier(world, true);
    const std::vector<TestCase> odd{{.name = "\x01", .file = "c_test", .run_time = 1},
                                    {.name = "\x02", .file = "d_test", .result = TestResult::failure}};
    ASSERT_TRUE(world.stores.run_records().add_tests({{"earlier"}, 0, 1}, 1, odd).ok());
    AgentMouth agent(world.socket());
    world.gateway->offer({{"now"}, 0, 1});
    ASSERT_EQ(agent.claim().status, 200);
    const auto told = from_json_text<wire::EarlierTests>(agent.call("GET", "/tests").body).value();
    for (const auto& test : told.tests) EXPECT_THAT(test.file, ::testing::AnyOf("a_test", "b_test"));
    EXPECT_TRUE(told.failed.tests.empty());
    EXPECT_EQ(told.failed.all_because, "the name of a test that failed holds control characters");
}

TEST(EarlierTests, are_for_the_attempts_own_agent) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    ASSERT_EQ(agent.claim().status, 200);
    agent.assignment.token = "another";
    EXPECT_EQ(agent.call("GET", "/tests").status, 401);
}

TEST(EarlierTests, are_asked_for_again_while_the_store_is_broken) {
    World world;
    AgentMouth agent(world.socket());
    world.gateway->offer(first);
    ASSERT_EQ(agent.claim().status, 200);
    world.stores.trouble().on("test_history.timings_source", 1, memory::Mishap::fails);
    EXPECT_EQ(agent.call("GET", "/tests").status, 503);
    EXPECT_EQ(agent.call("GET", "/tests").status, 200);
}

}  // namespace
}  // namespace gyre::gateway
