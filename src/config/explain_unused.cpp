// Explanations: warnings about what nothing uses.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::unused_job,
                .summary = "no workflow uses this job",
                .meaning = "The job never runs. Often its name in the workflow is missing or was changed.",
                .fix = "Add it to a workflow, or remove it. `--allow unused-job` keeps the check silent about it.",
                .wrong = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  test: *job
workflows:
  all:
    jobs: [build]
)",
                .right = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  test: *job
workflows:
  all:
    jobs: [build, test]
)"},
    Explanation{
        .code = Code::unused_job_group,
        .summary = "no workflow uses this job group",
        .meaning = "Its jobs do not run. Often the group's name in the workflow is missing or was changed.",
        .fix = "Add it to a workflow, or remove it. `--allow unused-job-group` keeps the check silent about it.",
        .wrong = R"(version: 2.1
jobs:
  deploy:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
job-groups:
  release:
    jobs: [deploy]
workflows:
  all:
    jobs: [deploy]
)",
        .right = R"(version: 2.1
jobs:
  deploy:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
job-groups:
  release:
    jobs: [deploy]
workflows:
  all:
    jobs: [release]
)"},
    Explanation{.code = Code::unused_parameter,
                .summary = "a parameter that nothing refers to",
                .meaning = "Whatever a caller gives for it changes nothing. Often the reference was misspelled, or\n"
                           "the text that used it is gone.",
                .fix = "Use it, or remove it together with the arguments of the callers. `--allow unused-parameter`\n"
                       "keeps the check silent about it.",
                .wrong = R"(version: 2.1
commands:
  greet:
    parameters: {name: {type: string, default: you}}
    steps:
      - run: echo hello
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [greet]
)",
                .right = R"(version: 2.1
commands:
  greet:
    parameters: {name: {type: string, default: you}}
    steps:
      - run: echo hello << parameters.name >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [greet]
)"},
    Explanation{.code = Code::unused_command,
                .summary = "a command that nothing calls",
                .meaning = "It is not even looked into: mistakes in it show when it is called for the first time.",
                .fix = "Call it, or remove it. `--allow unused-command` keeps the check silent about it.",
                .wrong = R"(version: 2.1
commands:
  greet:
    steps:
      - run: echo hello
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
commands:
  greet:
    steps:
      - run: echo hello
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [greet]
)"},
    Explanation{.code = Code::unused_executor,
                .summary = "an executor that no job uses",
                .meaning = "It changes nothing. Often a job that was meant to use it still has an image of its own.",
                .fix = "Use it, or remove it. `--allow unused-executor` keeps the check silent about it.",
                .wrong = R"(version: 2.1
executors:
  node:
    docker: [{image: cimg/node:20.1}]
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
executors:
  node:
    docker: [{image: cimg/node:20.1}]
jobs:
  build:
    executor: node
    steps: [checkout]
)"},
    Explanation{.code = Code::unused_orb,
                .summary = "an orb that is imported and never used",
                .meaning = "It has to be found and read all the same, and the config fails when that is impossible.",
                .fix = "Remove the import. `--allow unused-orb` keeps the check silent about it.",
                .wrong = R"(version: 2.1
orbs:
  tools:
    commands:
      install:
        steps: [checkout]
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
orbs:
  tools:
    commands:
      install:
        steps: [checkout]
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [tools/install]
)"},
    Explanation{.code = Code::unreachable_job,
                .summary = "a job of a workflow that can never run",
                .meaning = "What it requires never happens: a job whose filters let it run on tags only, when its own\n"
                           "let it run on branches only, or a status that the required job cannot end with.",
                .fix = "Give the two jobs filters that can pass together, or remove the requirement.",
                .wrong = R"(version: 2.1
jobs:
  build: &job
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  deploy: *job
workflows:
  all:
    jobs:
      - build
      - deploy:
          requires: [build]
          filters: {tags: {only: /v.*/}, branches: {ignore: /.*/}}
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
      - build:
          filters: {tags: {only: /v.*/}}
      - deploy:
          requires: [build]
          filters: {tags: {only: /v.*/}, branches: {ignore: /.*/}}
)"},
};

}  // namespace

std::span<const Explanation> explained_unused() { return parts; }

}  // namespace gyre::config
