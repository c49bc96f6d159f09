// Explanations: parameters, references, expressions.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::unknown_parameter,
                .summary = "a reference to a parameter that is not declared here",
                .meaning = "`<< parameters.x >>` is a parameter of the command, job or executor around it, and\n"
                           "`<< pipeline.parameters.x >>` one of the whole config. The parameters of a caller are not\n"
                           "seen inside of what it calls: they have to be passed on.",
                .fix = "Correct the name, declare the parameter under `parameters`, or pass it on in the call.",
                .wrong = R"(version: 2.1
jobs:
  build:
    parameters: {image: {type: string, default: "cimg/base:stable"}}
    docker: [{image: << parameters.imag >>}]
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    parameters: {image: {type: string, default: "cimg/base:stable"}}
    docker: [{image: << parameters.image >>}]
    steps: [checkout]
)"},
    Explanation{.code = Code::missing_argument,
                .summary = "a call without a value for a parameter that has no default",
                .meaning = "A parameter without `default` must be given in every call.",
                .fix = "Give the value in the call, or a `default` to the parameter.",
                .wrong = R"(version: 2.1
commands:
  greet:
    parameters: {name: {type: string}}
    steps:
      - run: echo << parameters.name >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [greet]
)",
                .right = R"(version: 2.1
commands:
  greet:
    parameters: {name: {type: string}}
    steps:
      - run: echo << parameters.name >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - greet: {name: Ada}
)"},
    Explanation{.code = Code::wrong_argument,
                .summary = "an argument whose value the parameter cannot take",
                .meaning = "Arguments are checked against the type of their parameter: true or false for a boolean,\n"
                           "a whole number for an integer, one of the listed values for an enum. Unquoted yes, no, on\n"
                           "and off are booleans in YAML.",
                .fix = "Give a value of the type; quotes make a string of anything.",
                .wrong = R"(version: 2.1
commands:
  install:
    parameters: {tool: {type: enum, enum: [npm, yarn]}}
    steps:
      - run: << parameters.tool >> install
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps:
      - install: {tool: yarm}
)",
                .right = R"(version: 2.1
commands:
  install:
    parameters: {tool: {type: enum, enum: [npm, yarn]}}
    steps:
      - run: << parameters.tool >> install
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps:
      - install: {tool: yarn}
)"},
    Explanation{.code = Code::unknown_argument,
                .summary = "an argument for a parameter that is not declared",
                .meaning = "What is called has no such parameter, so the value would be lost. `name` and `when` are\n"
                           "attributes of built-in steps; a command that wants them must declare them.",
                .fix = "Correct the name, remove the argument, or declare the parameter.",
                .wrong = R"(version: 2.1
commands:
  greet:
    parameters: {name: {type: string, default: you}}
    steps:
      - run: echo << parameters.name >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - greet: {nane: Ada}
)",
                .right = R"(version: 2.1
commands:
  greet:
    parameters: {name: {type: string, default: you}}
    steps:
      - run: echo << parameters.name >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - greet: {name: Ada}
)"},
    Explanation{.code = Code::unknown_reference,
                .summary = "`<< >>` with a name that stands for nothing",
                .meaning =
                    "References begin with parameters., pipeline., pipeline.parameters. or matrix.; the\n"
                    "pipeline's values have fixed names such as pipeline.git.branch. `<<` that is meant as text\n"
                    "before such a name is written `\\<<`.",
                .fix = "Correct the name; the message shows the nearest one.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: echo << pipeline.git.brunch >>
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: echo << pipeline.git.branch >>
)"},
    Explanation{.code = Code::bad_expression,
                .summary = "an expression or a logic statement that cannot be read",
                .meaning = "Between `<<` and `>>`, and in `when`, `unless` and `filters` written as text, stands an\n"
                           "expression: references, \"text\", numbers, ==, !=, <, and, or, not, starts-with, matches.\n"
                           "A logic statement is a mapping: and, or, not, equal, matches.",
                .fix = "Correct it at the mark. Text in an expression needs quotes of its own.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    when: pipeline.git.branch = "main"
    jobs: [build]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    when: pipeline.git.branch == "main"
    jobs: [build]
)"},
    Explanation{.code = Code::bad_parameter,
                .summary = "the definition of a parameter is not right",
                .meaning =
                    "A parameter has a `type`: string, boolean, integer, enum (with the list `enum`), executor,\n"
                    "steps or env_var_name. Its default must be of that type. The parameters of a pipeline are\n"
                    "string, boolean, integer or enum, and must have a default.",
                .fix = "Correct the definition at the mark.",
                .wrong = R"(version: 2.1
commands:
  greet:
    parameters: {loud: {type: bool, default: true}}
    steps:
      - run: echo << parameters.loud >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [greet]
)",
                .right = R"(version: 2.1
commands:
  greet:
    parameters: {loud: {type: boolean, default: true}}
    steps:
      - run: echo << parameters.loud >>
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [greet]
)"},
};

}  // namespace

std::span<const Explanation> explained_parameters() { return parts; }

}  // namespace gyre::config
