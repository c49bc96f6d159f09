// Explanations: entries of workflows, requirements.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::missing_build_job,
                .summary = "neither a workflow nor a job named `build`",
                .meaning = "Without `workflows` one job runs, the one named `build`. There is none, so nothing would.",
                .fix = "Name the job `build`, or add a workflow with the jobs that are to run.",
                .wrong = R"(version: 2.1
jobs:
  test:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  test:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs: [test]
)"},
    Explanation{.code = Code::unknown_job,
                .summary = "a workflow names a job that is not defined",
                .meaning = "An entry of a workflow is a job of `jobs`, of an orb (alias/job), or has `type: approval`.",
                .fix = "Correct the name, define the job, or give the entry `type: approval`.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs: [biuld]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs: [build]
)"},
    Explanation{.code = Code::unknown_requirement,
                .summary = "`requires` names a job that is not in the same workflow",
                .meaning = "A requirement is the name that another entry of the same workflow has there: its `name`\n"
                           "where it has one. A job of another workflow cannot be waited for.",
                .fix = "Correct the name, or add the required job to this workflow.",
                .wrong = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  deploy: *job
workflows:
  all:
    jobs:
      - build: {name: compile}
      - deploy: {requires: [build]}
)",
                .right = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  deploy: *job
workflows:
  all:
    jobs:
      - build: {name: compile}
      - deploy: {requires: [compile]}
)"},
    Explanation{.code = Code::duplicate_name,
                .summary = "two entries of a workflow with the same name",
                .meaning = "`requires`, reruns and status checks know a job of a workflow by its name.",
                .fix = "Give each a `name` of its own.",
                .wrong = R"(version: 2.1
jobs:
  test:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - test: {name: check}
      - test: {name: check}
)",
                .right = R"(version: 2.1
jobs:
  test:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - test: {name: check-1}
      - test: {name: check-2}
)"},
    Explanation{.code = Code::dependency_cycle,
                .summary = "jobs that wait for each other",
                .meaning = "Each waits for the end of another, and none would ever start. The message shows the way\n"
                           "around.",
                .fix = "Remove one of the requirements on that way.",
                .wrong = R"(version: 2.1
jobs:
  a: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  b: *job
workflows:
  all:
    jobs:
      - a: {requires: [b]}
      - b: {requires: [a]}
)",
                .right = R"(version: 2.1
jobs:
  a: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  b: *job
workflows:
  all:
    jobs:
      - a
      - b: {requires: [a]}
)"},
    Explanation{.code = Code::unknown_status,
                .summary = "`requires` waits for a status that no job ends with",
                .meaning = "A requirement waits for success, or for the statuses that it names: success, failed,\n"
                           "canceled, unauthorized, not_run, or terminal, which is all of them.",
                .fix = "Take one of these words.",
                .wrong = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  report: *job
workflows:
  all:
    jobs:
      - build
      - report: {requires: [{build: faild}]}
)",
                .right = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  report: *job
workflows:
  all:
    jobs:
      - build
      - report: {requires: [{build: failed}]}
)"},
    Explanation{
        .code = Code::bad_matrix,
        .summary = "a matrix that makes no jobs, or cannot be read",
        .meaning = "A matrix runs a job once for each combination of the values of its parameters. It needs\n"
                   "`parameters` with a list of values for each; `exclude` takes whole combinations away.",
        .fix = "Give every parameter of the matrix a list with at least one value, and exclude not all of them.",
        .wrong = R"(version: 2.1
jobs:
  test:
    parameters: {os: {type: string}}
    docker: [{image: "cimg/<< parameters.os >>:stable"}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - test: {matrix: {parameters: {os: []}}}
)",
        .right = R"(version: 2.1
jobs:
  test:
    parameters: {os: {type: string}}
    docker: [{image: "cimg/<< parameters.os >>:stable"}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - test: {matrix: {parameters: {os: [base, deploy]}}}
)"},
    Explanation{
        .code = Code::bad_job_group,
        .summary = "a job group that cannot be used so",
        .meaning = "A job group has a list of jobs, and no other groups in it. A workflow uses it as a whole: its\n"
                   "entry may have `requires`, `name`, `filters` and `serial-group`. Everything else stands at\n"
                   "its jobs. Whoever requires it waits for all of them to succeed, or with `terminal` to end.",
        .fix = "Write what concerns one job into that job's entry under `job-groups`, and what concerns all of\n"
               "them into the group's entry in the workflow.",
        .wrong = R"(version: 2.1
jobs:
  deploy: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  check: *job
job-groups:
  release:
    jobs: [deploy, check: {requires: [deploy]}]
workflows:
  all:
    jobs:
      - release: {context: production}
)",
        .right = R"(version: 2.1
jobs:
  deploy: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  check: *job
job-groups:
  release:
    jobs: [deploy: {context: production}, check: {requires: [deploy]}]
workflows:
  all:
    jobs:
      - release
)"},
    Explanation{.code = Code::several_conditions,
                .summary = "`when` and `unless` together",
                .meaning = "One of them says whether the workflow runs. Together nobody can tell which one decides.",
                .fix = "Write one condition; `and` with `not` says both.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    when: true
    unless: false
    jobs: [build]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    when: {and: [true, {not: false}]}
    jobs: [build]
)"},
};

}  // namespace

std::span<const Explanation> explained_workflows() { return parts; }

}  // namespace gyre::config
