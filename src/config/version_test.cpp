// Versions, and what of 2.1 this version of Gyre cannot do yet.

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;
using test::plan_of;

const std::string build = "jobs: {build: {machine: true, steps: [checkout]}}\n";
const std::string prefix = "not-yet-supported: not available yet in this version of Gyre: ";

TEST(Version, may_be_a_number_or_text) {
    for (const char* version : {"2", "2.0", "2.1", "'2'", "\"2.1\""}) {
        EXPECT_EQ(complaints("version: " + std::string(version) + "\n" + build), "") << version;
    }
    EXPECT_EQ(complaints("version: 2.10\n" + build), "1:10 unsupported-version: version '2.10' is not supported\n");
    EXPECT_EQ(complaints("version: 1\n" + build), "1:10 unsupported-version: version '1' is not supported\n");
    EXPECT_EQ(complaints("version:\n" + build), "1:1 unsupported-version: version '' is not supported\n");
    EXPECT_EQ(complaints(build), "1:1 missing-version: the config does not say its version\n");
}

TEST(Version, other_keys_at_the_top_are_parking_lots) {
    EXPECT_EQ(complaints("version: 2\nx-anchors: [&a 1]\norbs: {n: a/b@1}\nexperimental: {notify: 1}\n" + build), "");
}

TEST(Version, in_2_0_references_are_text) {
    const Plan plan =
        plan_of("version: 2\njobs: {build: {machine: true, steps: [{run: 'echo << parameters.x >> \\<<'}]}}\n");
    EXPECT_EQ(std::get<RunStep>(plan.jobs.at(0).steps.at(0)).command, "echo << parameters.x >> \\<<");
}

TEST(Version, in_2_1_other_angle_brackets_are_text) {
    const Plan plan = plan_of(
        "version: 2.1\njobs: {build: {machine: true, steps: [{run: \"cat <<EOF > x\\na >> b\\nEOF\\ncat "
        "\\\\<<E\"}]}}\n");
    EXPECT_EQ(std::get<RunStep>(plan.jobs.at(0).steps.at(0)).command, "cat <<EOF > x\na >> b\nEOF\ncat <<E");
}

TEST(Version, what_2_1_adds_is_named_once_without_noise) {
    EXPECT_EQ(complaints(R"(version: 2.1
orbs: {node: circleci/node@5, slack: a/b@1}
commands: {greet: {steps: [run: hi]}}
executors: {e: {machine: true}}
parameters: {p: {type: string, default: a}}
setup: true
jobs:
  build:
    executor: e
    parameters: {x: {type: string}}
    parallelism: << parameters.x >>
    steps:
      - greet
      - node/install: {version: 1}
      - run: << parameters.x >>
      - when: {condition: true, steps: [checkout]}
      - steps: << parameters.s >>
      - other/thing
workflows:
  w:
    when: true
    jobs:
      - node/test: {version: 1, name: t}
      - build: {x: 1, requires: [t], matrix: {parameters: {x: [1]}}, pre-steps: [checkout]}
      - after: {type: approval, requires: [build-1]}
)"),
              "2:1 " + prefix + "'orbs'\n" + "3:1 " + prefix + "'commands'\n" + "4:1 " + prefix + "'executors'\n" +
                  "5:1 " + prefix + "'parameters'\n" + "6:1 " + prefix + "'setup'\n" + "9:5 " + prefix +
                  "'executor' in a job\n" + "10:5 " + prefix + "'parameters' in a job\n" + "11:18 " + prefix +
                  "references to parameters and pipeline values (<< ... >>) (and 1 more place)\n" + "16:9 " + prefix +
                  "the step `when`\n" + "17:9 " + prefix + "the step `steps`\n" + "18:9 " + prefix +
                  "what orbs define (alias/name)\n" + "21:5 " + prefix + "'when' in a workflow\n" + "24:38 " + prefix +
                  "'matrix' in a workflow's job\n" + "24:70 " + prefix + "'pre-steps' in a workflow's job\n");
}

TEST(Version, empty_2_1_sections_do_no_harm) {
    EXPECT_EQ(complaints("version: 2.1\norbs: {}\ncommands:\nparameters: {}\nsetup: false\n" + build), "");
}

}  // namespace
}  // namespace gyre::config
