// Explanations: executors, steps.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::missing_executor,
                .summary = "the job does not say where it runs",
                .meaning = "A job runs in a container, on a machine, or in a named executor. There is no default.",
                .fix = "Add `docker` with an image, `machine: true`, or `executor` with a name.",
                .wrong = R"(version: 2.1
jobs:
  build:
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::several_executors,
                .summary = "the job says twice where it runs",
                .meaning =
                    "A job has one place to run. Services that it needs (a database) are further entries of the\n"
                    "same `docker` list.",
                .fix = "Keep one of them. Two jobs that differ only in that can share their steps by a command.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    machine: true
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker:
      - image: cimg/base:stable
      - image: cimg/postgres:16.1
    steps: [checkout]
)"},
    Explanation{.code = Code::unknown_resource_class,
                .summary = "no resource class has this name for this executor",
                .meaning = "The class says how many CPUs and how much memory the job gets. Docker and machine jobs\n"
                           "have different ones.",
                .fix = "Take one of the classes that the message names.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    resource_class: mediun
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    resource_class: medium
    steps: [checkout]
)"},
    Explanation{.code = Code::unknown_step,
                .summary = "no step has this name",
                .meaning = "A step is one of the built-in ones (run, checkout, save_cache, ...) or, in 2.1, a command\n"
                           "of this config or of an orb (alias/command).",
                .fix = "Correct the name. A shell command goes into `run`.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [chekout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::several_keys,
                .summary = "a step or an entry of a workflow with more than one key",
                .meaning = "An item of such a list has one key, its name, and what belongs to it stands below it, two\n"
                           "columns deeper. With the same indentation it stands beside it.",
                .fix = "Indent the attributes below the name.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run:
        name: Build
        command: make
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run:
          name: Build
          command: make
)"},
    Explanation{.code = Code::nested_steps,
                .summary = "a list of steps as an item of a list of steps",
                .meaning = "YAML cannot splice a list into another one: `- *steps` makes a list inside the list.",
                .fix = "Make the steps a command (2.1) and call it, or repeat them.",
                .wrong = R"(version: 2.1
prepare: &prepare
  - checkout
  - run: make deps
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - *prepare
      - run: make
)",
                .right = R"(version: 2.1
prepare: &prepare
  - checkout
  - run: make deps
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: *prepare
)"},
    Explanation{.code = Code::duplicate_job,
                .summary = "two jobs whose names differ in upper and lower case only",
                .meaning = "Names of jobs become parts of addresses and of status checks, where case gets lost.",
                .fix = "Rename one of them.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
  Build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs: [build, Build]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
};

}  // namespace

std::span<const Explanation> explained_jobs() { return parts; }

}  // namespace gyre::config
