// Explanations: versions, keys, values.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::missing_version,
                .summary = "the config does not say which version of the language it is in",
                .meaning = "Version 2 and 2.1 read the same text differently: `<< >>` means something in 2.1 only.",
                .fix = "Write `version: 2.1` at the top; 2 only for a config that relies on it.",
                .wrong = R"(jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::unsupported_version,
                .summary = "a version other than 2, 2.0 and 2.1",
                .meaning = "Version 1 had another language altogether and is not supported; higher ones do not exist.",
                .fix = "Write `version: 2.1`. A config of version 1 has to be rewritten: its phases become steps.",
                .wrong = R"(version: 3
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::needs_version_2_1,
                .summary = "something of version 2.1 in a config of version 2",
                .meaning = "Commands, executors, parameters, orbs, conditions and matrices came with 2.1. In a config\n"
                           "of version 2 they would be ignored; sections of them at the top are, with a warning.",
                .fix = "Write `version: 2.1`. Then every `<<` that is meant as text, as in a shell's `<<EOF`, stays\n"
                       "what it is unless a reference such as `<< parameters.x >>` follows.",
                .wrong = R"(version: 2
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - when:
          condition: true
          steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::not_yet_supported,
                .summary = "part of the language, but not available in this version of Gyre",
                .meaning = "What you wrote is right. Gyre cannot do it yet, and says so here, before anything runs,\n"
                           "instead of running your job differently than you mean. As a warning it is about one job,\n"
                           "which will fail when its turn comes; the others run.",
                .fix = "Upgrade Gyre when it is available, or write it in another way.",
                .wrong = R"(version: 2.1
jobs:
  build:
    macos: {xcode: 15.3.0}
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    machine: true
    steps: [checkout]
)"},
    Explanation{.code = Code::unknown_key,
                .summary = "a key that means nothing in this place",
                .meaning =
                    "A misspelled key would be ignored, and its value with it. Where real configs have keys that\n"
                    "nothing knows, and work, it is a warning. Keys at the top level are free, since many\n"
                    "configs keep their anchors there.",
                .fix = "Correct the name, or move the key to where it belongs: the message names what is possible.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{imagee: cimg/base:stable}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::missing_key,
                .summary = "a key that must be there is not, or has no value",
                .meaning = "Without it nobody can tell what is to be done. A key with nothing behind it is often an\n"
                           "indentation mistake: its value stands beside it instead of below it.",
                .fix = "Add the key with its value, or indent the lines that belong to it.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - save_cache:
          paths: [node_modules]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - save_cache:
          key: modules-{{ checksum "package-lock.json" }}
          paths: [node_modules]
)"},
    Explanation{.code = Code::wrong_type,
                .summary = "a list, a mapping or a text where another is needed",
                .meaning = "The value has another shape than the key can use: a mapping for a list, text for a number.",
                .fix = "Write it in the shape that the message names. `- ` starts an item of a list; `name: value`\n"
                       "makes a mapping.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: {image: cimg/base:stable}
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker:
      - image: cimg/base:stable
    steps: [checkout]
)"},
    Explanation{.code = Code::bad_value,
                .summary = "a value that this key cannot have",
                .meaning = "The shape is right, the value is not: a word that is not in the list of possible ones, a\n"
                           "number out of its range, an empty text.",
                .fix = "Take one of the values that the message names.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: {command: make, no_output_timeout: 20 minutes}
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: {command: make, no_output_timeout: 20m}
)"},
    Explanation{.code = Code::bad_pattern,
                .summary = "not a regular expression, or one that takes too long to match",
                .meaning = "Filters take names, and regular expressions between slashes, which must match the whole\n"
                           "name. Repetitions inside repetitions can take for ever and are stopped.",
                .fix = "Correct the expression, or write the name without slashes. `/release-.*/` is every name that\n"
                       "starts with release-.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - build: {filters: {branches: {only: /release-(.*/}}}
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - build: {filters: {branches: {only: /release-.*/}}}
)"},
    Explanation{.code = Code::bad_schedule,
                .summary = "the cron line of a schedule cannot be read",
                .meaning = "A schedule has five fields: minute, hour, day of the month, month, day of the week; times\n"
                           "are UTC.",
                .fix = "Write five fields in quotes. \"0 3 * * 1\" is every Monday at three o'clock.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  nightly:
    triggers:
      - schedule: {cron: "0 25 * * *", filters: {branches: {only: main}}}
    jobs: [build]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  nightly:
    triggers:
      - schedule: {cron: "0 3 * * *", filters: {branches: {only: main}}}
    jobs: [build]
)"},
    Explanation{.code = Code::setup_conflict,
                .summary = "a setup config does what only the config that it continues with can do",
                .meaning = "With `setup: true` a config runs first, to find out what the real config is. It runs one\n"
                           "workflow, right away, and continues once: a schedule would start a pipeline that waits\n"
                           "for nobody.",
                .fix = "Move the schedule to the config that the setup continues with, or drop `setup: true`.",
                .wrong = R"(version: 2.1
setup: true
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  nightly:
    triggers:
      - schedule: {cron: "0 3 * * *", filters: {branches: {only: main}}}
    jobs: [build]
)",
                .right = R"(version: 2.1
setup: true
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  choose:
    jobs: [build]
)"},
};

}  // namespace

std::span<const Explanation> explained_language() { return parts; }

}  // namespace gyre::config
