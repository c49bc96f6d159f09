// Tests that are split by the timings of earlier runs, and those that failed run again alone, with the real programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;

// Each file of t/ says how long it "takes"; t/flaky fails but in a rerun of failed tests.
constexpr const char* runner = R"(#!/bin/sh
failed=$CIRCLE_INTERNAL_TASK_DATA/circle-test-results/failed.json
echo "task $CIRCLE_NODE_INDEX ran $*"
{
  echo '<testsuite>'
  for file; do
    result=
    if [ "$file" = t/flaky ] && [ -e unlucky ] && [ ! -e "$failed" ]; then result='<failure/>'; code=1; fi
    echo "<testcase name='test' classname='all' file='$file' time='$(cat "$file")'>$result</testcase>"
  done
  echo '</testsuite>'
} > results.xml
exit ${code:-0}
)";

constexpr const char* parallel = R"yml(version: 2.1
jobs:
  test:
    docker: [{image: debian:12}]
    resource_class: small
    parallelism: 2
    steps:
      - checkout
      - run:
          name: Test
          command: circleci tests glob 't/*' | circleci tests run --split-by=timings --command='xargs sh ./runner'
      - store_test_results: {path: results.xml}
  lint:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run: echo linted
workflows:
  all:
    jobs: [test, lint]
)yml";

class Splitting : public Story {
protected:
    void SetUp() override {
        start();
        config(parallel);
        repository().write("runner", runner);
        for (const auto& [file, seconds] :
             std::vector<std::pair<const char*, const char*>>{{"a", "1"}, {"b", "1"}, {"c", "2"}, {"flaky", "7"}})
            repository().write(std::string("t/") + file, seconds);
    }
    std::string tested(int task) { return newest().output("test", "Test", task); }
    Finished rerun(const Pipeline& pipeline) { return server().gyre({"rerun", pipeline.workflow(), "--failed-tests"}); }
};

TEST_F(Splitting, begins_by_name_goes_on_by_timings_and_ends_with_the_tests_that_failed) {
    const Pipeline first = push("first");
    EXPECT_EQ(first.wait().status(), "success");
    for (const int task : {0, 1})
        EXPECT_THAT(tested(task), HasSubstr("Error auto-detecting timing type, falling back to weighting by name."));
    EXPECT_THAT(tested(0), HasSubstr("task 0 ran t/a t/c\n"));
    EXPECT_THAT(tested(1), HasSubstr("task 1 ran t/b t/flaky\n"));

    repository().write("unlucky", "");
    const Pipeline second = push("second");
    EXPECT_EQ(second.wait().status(), "failed");
    EXPECT_THAT(second.output("test", "Spin up environment"), HasSubstr("Test results of job 1 (main) are here"));
    EXPECT_THAT(tested(0), HasSubstr("task 0 ran t/flaky\n")) << "it took as long as the others";
    EXPECT_THAT(tested(1), HasSubstr("task 1 ran t/a t/b t/c\n"));

    const Finished asked = rerun(second);
    EXPECT_EQ(asked.exit_code, 0) << asked.err;
    EXPECT_EQ(second.wait().status(), "success");
    EXPECT_THAT(tested(0) + tested(1), HasSubstr("ran t/flaky\n"));
    EXPECT_THAT(tested(0) + tested(1), HasSubstr("No tests for this task; the command is not run.\n"));
    EXPECT_THAT(tested(0) + tested(1), testing::Not(HasSubstr("t/c")));
    EXPECT_EQ(text_at(second.job("lint"), "status"), "success");
    EXPECT_EQ(at(second.job("test"), "failed_tests"), json::value(true));
    EXPECT_EQ(at(second.job("lint"), "failed_tests"), json::value(nullptr));
    expect_nothing_left();
}

TEST_F(Splitting, of_a_run_that_broke_before_it_stored_results_is_refused_or_runs_all) {
    repository().write("unlucky", "");
    repository().write("runner", std::string("[ $CIRCLE_NODE_INDEX = 1 ] || exit 9\n") + runner);
    const Pipeline pipeline = push("one task breaks");
    EXPECT_EQ(pipeline.wait().status(), "failed");
    EXPECT_EQ(rerun(pipeline).exit_code, 0);
    pipeline.wait();
    EXPECT_THAT(
        pipeline.output("test", "Spin up environment"),
        HasSubstr("All tests run again: of job 1 it is known that its task 0 ended without a result that failed"));
    EXPECT_THAT(tested(1), HasSubstr("task 1 ran t/b t/flaky\n"));

    repository().write("runner", "exit 9\n");
    const Pipeline broken = push("both break");
    EXPECT_EQ(broken.wait().status(), "failed");
    const Finished refused = rerun(broken);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr("No failed tests could be found"));
}

}  // namespace
}  // namespace gyre::test
