#include "agent/task_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"

namespace gyre::agent {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

wire::EarlierTests earlier() {
    return {.source = "job 41 (main)",
            .tests = {{.classname = "C", .file = "a_test", .name = "n \"1\"", .result = "success", .run_time = 2.5}},
            .cut = false,
            .failed = {}};
}

// What the job sees before its first step.
std::string said_at_first(World& world) { return world.gateway.outputs[0]; }

TEST(TaskData, is_a_directory_of_the_job_without_files_where_nothing_is_known) {
    World world;
    world.assignment.task_total = 2;
    world.run("ls -A $CIRCLE_INTERNAL_TASK_DATA | wc -l; cd $CIRCLE_INTERNAL_TASK_DATA && pwd").start();
    ASSERT_EQ("succeeded", world.how()) << said_at_first(world);
    EXPECT_THAT(world.output(0), ::testing::StartsWith("0\n"));
    EXPECT_THAT(world.output(0), HasSubstr(".circleci-task-data-" + world.assignment.attempt.job.text + "-0-build"));
    EXPECT_THAT(said_at_first(world), Not(HasSubstr("Test results")));
}

TEST(TaskData, holds_the_results_of_an_earlier_build_for_parallel_jobs) {
    World world;
    world.assignment.task_total = 2;
    world.gateway.earlier = earlier();
    world.run("cat $CIRCLE_INTERNAL_TASK_DATA/circle-test-results/results.json; ls $CIRCLE_INTERNAL_TASK_DATA/*")
        .start();
    ASSERT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr(R"({"tests":[{"classname":"C","file":"a_test","name":"n \"1\"",)"
                                           R"("result":"success","run_time":2.5E0,"source":""}]})"));
    EXPECT_THAT(world.output(0), Not(HasSubstr("failed.json")));
    EXPECT_THAT(said_at_first(world), HasSubstr("Test results of job 41 (main) are here to split tests by: 1\n"));
}

TEST(TaskData, is_fetched_where_a_step_names_it_or_failed_tests_run_again_and_nowhere_else) {
    World alone;
    alone.gateway.earlier = earlier();
    alone.run("ls -A $(dirname $BASH_ENV)/.circleci-task-data*").start();
    EXPECT_EQ("", alone.output(0));

    World asking;
    asking.gateway.earlier = earlier();
    asking.run("ls $CIRCLE_INTERNAL_TASK_DATA/circle-test-results").start();
    EXPECT_EQ("results.json\n", asking.output(0));

    World again;
    again.assignment.only_failed_tests = true;
    again.gateway.earlier = earlier();
    again.gateway.earlier->failed = {.job = "job 17", .tests = {{.file = "a_test"}, {.file = "b_test"}}};
    again.run("cat $(dirname $BASH_ENV)/.circleci-task-data*/circle-test-results/failed.json").start();
    EXPECT_THAT(again.output(0), HasSubstr(R"("file":"b_test")"));
    EXPECT_THAT(said_at_first(again), HasSubstr("failed in job 17, which 'circleci tests run' runs again: 2\n"));
    again.next_job();
    again.gateway.earlier->failed.all_because = "its task 1 ended without a result that failed";
    again.run("true").start();
    EXPECT_THAT(said_at_first(again), HasSubstr("All tests run again: of job 17 it is known that its task 1 ended"));
}

TEST(TaskData, that_one_of_several_tasks_does_not_get_ends_it_as_our_failure) {
    World world;
    world.assignment.task_total = 2;
    world.gateway.earlier.reset();
    world.run("echo never").start();
    EXPECT_EQ("infrastructure_failed", world.how());
}

TEST(TaskData, that_the_server_does_not_have_is_said_and_fails_no_job) {
    World world;
    world.gateway.earlier.reset();
    world.run("ls -A $CIRCLE_INTERNAL_TASK_DATA; echo went on").start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("went on\n", world.output(0));
    EXPECT_THAT(said_at_first(world), HasSubstr("Notice: what earlier runs tell of tests is not here"));
}

TEST(TaskData, waits_for_a_server_that_is_away) {
    World world;
    world.assignment.task_total = 2;
    world.gateway.earlier = earlier();
    int asked = 0;
    world.gateway.mishap = [&asked](const std::string& method, const std::string& what) {
        return method == "GET" && what == "tests" && ++asked < 3 ? Mishap::busy : Mishap::none;
    };
    world.run("ls $CIRCLE_INTERNAL_TASK_DATA/circle-test-results").start();
    EXPECT_EQ("results.json\n", world.output(0));
    EXPECT_EQ(3, asked);
}

TEST(TaskData, that_cannot_be_written_is_our_failure) {
    World world;
    world.assignment.task_total = 2;
    world.gateway.earlier = earlier();
    world.replace_helper("unpack", "echo no room >&2; exit 1").run("true").start();
    EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("no room"));
}

TEST(TaskData, that_the_jobs_user_may_not_write_is_the_fault_of_the_image) {
    World world;
    world.replace_helper("unpack", "echo making it: Permission denied >&2; exit 9").run("true").start();
    EXPECT_THAT(world.told<Failed>().reason,
                AllOf(HasSubstr("cannot write to "), HasSubstr("/tmp, which every job needs"), HasSubstr("'user'")));
}

}  // namespace
}  // namespace gyre::agent
