// Explanations: commands, executors, orbs.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::unknown_command,
                .summary = "an orb has no command of this name",
                .meaning = "`alias/name` as a step calls a command of the orb that was imported as `alias`. The orb\n"
                           "is there, the command is not: perhaps another version of the orb has it.",
                .fix = "Correct the name, or import the version of the orb that has the command.",
                .wrong = R"(version: 2.1
orbs:
  tools:
    commands:
      install:
        steps: [checkout]
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [tools/instal]
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
    Explanation{.code = Code::unknown_executor,
                .summary = "no executor has this name",
                .meaning = "`executor` names an entry of `executors`, or one of an orb (alias/executor).",
                .fix = "Correct the name, or define the executor. Images are not executors: they go into `docker`.",
                .wrong = R"(version: 2.1
executors:
  node:
    docker: [{image: cimg/node:20.1}]
jobs:
  build:
    executor: nod
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
    Explanation{.code = Code::unknown_orb,
                .summary = "no orb was imported under this name",
                .meaning = "What stands before the slash is the name that `orbs` gives to an orb. Inside an orb only\n"
                           "the orbs that it imports itself can be used.",
                .fix = "Correct the name, or import the orb under `orbs`.",
                .wrong = R"(version: 2.1
orbs:
  tools:
    commands:
      install:
        steps: [checkout]
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [tool/install]
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
    Explanation{.code = Code::orb_unavailable,
                .summary = "the orb is not on this server",
                .meaning = "Gyre asks nobody on the internet while it compiles a config: orbs come from the server's\n"
                           "own registry, from a directory, or stand in the config itself.",
                .fix = "Put the orb on the server: `gyre orb publish` for its source, `gyre orb import` for a bundle.\n"
                       "`--orb-dir` lets a check on your own machine read orbs from a directory.",
                .wrong = R"(version: 2.1
orbs:
  node: circleci/node@5.1.0
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps: [node/install-packages]
)",
                .right = R"(version: 2.1
orbs:
  node:
    commands:
      install-packages:
        steps:
          - run: npm ci
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps: [node/install-packages]
)"},
    Explanation{.code = Code::bad_orb,
                .summary = "an orb that cannot be read as one",
                .meaning = "An entry of `orbs` is `namespace/name@version` (1.2.3, 1.2, 1, volatile, dev:label), or a\n"
                           "mapping with the commands, executors and jobs of an orb in the config itself. No orb may\n"
                           "import itself, not through others either.",
                .fix = "Write the namespace, the name and a version. Where orbs import each other in a circle, move\n"
                       "what both need to a third one.",
                .wrong = R"(version: 2.1
orbs:
  node: circleci/node
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
orbs:
  node:
    executors:
      default:
        docker: [{image: cimg/node:20.1}]
jobs:
  build:
    executor: node/default
    steps: [checkout]
)"},
    Explanation{.code = Code::recursive_command,
                .summary = "a command that calls itself, directly or through others",
                .meaning = "Commands are written out where they are called, which would never end here. The path of\n"
                           "calls is below the message.",
                .fix = "Remove one of the calls. What is to be repeated at run time is a loop in a script.",
                .wrong = R"(version: 2.1
commands:
  retry:
    steps:
      - run: make
      - retry
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [retry]
)",
                .right = R"(version: 2.1
commands:
  retry:
    steps:
      - run: make || make
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [retry]
)"},
    Explanation{.code = Code::reserved_name,
                .summary = "a name that the language needs for itself",
                .meaning = "In a workflow the arguments of a job stand beside `requires`, `name`, `context`, `type`,\n"
                           "`filters` and `matrix`: a parameter with one of these names could never be given.",
                .fix = "Take another name.",
                .wrong = R"(version: 2.1
jobs:
  build:
    parameters: {context: {type: string, default: a}}
    docker: [{image: cimg/base:stable}]
    steps:
      - run: echo << parameters.context >>
)",
                .right = R"(version: 2.1
jobs:
  build:
    parameters: {surroundings: {type: string, default: a}}
    docker: [{image: cimg/base:stable}]
    steps:
      - run: echo << parameters.surroundings >>
)"},
};

}  // namespace

std::span<const Explanation> explained_reuse() { return parts; }

}  // namespace gyre::config
