#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;

TEST(Lint, names_parameters_that_nothing_refers_to) {
    EXPECT_EQ(complaints(R"(version: 2.1
parameters:
  used: {type: boolean, default: false}
  unused: {type: string, default: x}
  cut_short: {type: string, default: x}
commands:
  go:
    parameters:
      a: {type: string, default: x}
      b: {type: string, default: x}
    steps: [{run: echo << parameters.a >>}]
executors:
  e:
    parameters: {tag: {type: string, default: x}}
    docker: [{image: i}]
jobs:
  build:
    parameters: {p: {type: steps, default: []}, q: {type: string, default: x}}
    executor: e
    steps:
      - go
      - go: {a: y}
      - when: {condition: << pipeline.parameters.used >>, steps: [{run: echo << parameters.q >>}]}
      - run: echo << pipeline.parameters.used or pipeline.parameters.cut_short >>
      - run: echo << true or pipeline.parameters.cut_short >>
)"),
              R"(warning 4:3 unused-parameter: nothing refers to the parameter 'unused' of the pipeline
warning 10:7 unused-parameter: nothing refers to the parameter 'b' of the command 'go'
warning 14:18 unused-parameter: nothing refers to the parameter 'tag' of the executor 'e'
warning 18:18 unused-parameter: nothing refers to the parameter 'p' of the job 'build'
)");
}

TEST(Lint, looks_at_what_unused_definitions_would_call) {
    EXPECT_EQ(complaints(R"(version: 2.1
executors:
  e: {parameters: {tag: {type: string}}, docker: [{image: "i:<< parameters.tag >>"}]}
commands:
  c: {parameters: {s: {type: steps, default: [nosuch]}}, steps: << parameters.s >>}
jobs:
  build: {machine: true, steps: [checkout]}
  u: {parameters: {on: {type: executor, default: {name: e, tga: x}}}, executor: << parameters.on >>, steps: [checkout]}
)"),
              R"(warning 5:3 unused-command: nothing uses the command 'c'
warning 5:47 unknown-step: no step or command is called 'nosuch'
warning 8:3 unused-job: no workflow uses the job 'u'
warning 8:60 unknown-argument: the executor 'e' has no parameter 'tga'
)");
}

TEST(Lint, hides_no_error_behind_many_warnings) {
    std::string text = "version: 2.1\njobs:\n";
    for (int i = 0; i < 300; ++i)
        text += "  j" + std::to_string(i) + ": {machine: true, circleci_ip_ranges: true, steps: [checkout]}\n";
    const auto warned = test::compile_on(text + "  build: {machine: true, steps: [checkout]}\n", "main");
    EXPECT_TRUE(warned.plan);
    EXPECT_EQ(warned.diagnostics.size(), max_diagnostics + 1);
    EXPECT_EQ(warned.diagnostics.back().code, Code::more_diagnostics);
    const auto wrong = test::compile_on(text + "  build: {machine: true, steps: [nonsense]}\n", "main");
    EXPECT_FALSE(wrong.plan);
    EXPECT_EQ(wrong.diagnostics.size(), max_diagnostics + 2);
    EXPECT_EQ(wrong.diagnostics.at(0).code, Code::unknown_step);
    EXPECT_EQ(wrong.diagnostics.at(1).severity, Severity::warning);
}

TEST(Lint, names_orbs_that_nothing_uses_and_looks_into_those_written_in_the_config) {
    EXPECT_EQ(complaints(R"(version: 2.1
orbs:
  used:
    orbs: {inner: {commands: {x: {steps: [checkout]}}}}
    commands:
      go: {parameters: {a: {type: string, default: x}}, steps: [checkout]}
      not: {parameters: {a: {type: string, default: x}}, steps: [checkout]}
  unused: {commands: {go: {steps: [checkout]}}}
jobs:
  build: {docker: [{image: i}], steps: [used/go]}
)"),
              R"(warning 4:12 unused-orb: nothing uses the orb 'inner'
warning 6:25 unused-parameter: nothing refers to the parameter 'a' of the command 'used/go'
warning 7:7 unused-command: nothing uses the command 'used/not'
warning 8:3 unused-orb: nothing uses the orb 'unused'
)");
}

TEST(Lint, says_nothing_about_the_text_of_orbs_from_elsewhere) {
    const CompileInput input{.branch = "main", .orbs = [](const OrbReference&) -> OrbAnswer {
                                 return OrbText{"orb", "1.0.0", R"(version: 2.1
orbs: {x: {commands: {y: {steps: [checkout]}}}}
commands:
  go:
    parameters: {a: {type: string, default: x}}
    steps: [{deploy: x}, {restore_cache: {key: x, paths: [y]}}]
)"};
                             }};
    const auto result = compile(R"(version: 2.1
orbs: {tools: acme/tools@1}
jobs:
  build: {docker: [{image: i}], steps: [tools/go]}
)",
                                input);
    EXPECT_TRUE(result.diagnostics.empty()) << render_text(result.diagnostics);
}

TEST(Lint, says_nothing_about_uses_when_something_is_broken) {
    EXPECT_EQ(complaints(R"(version: 2.1
jobs:
  build:
    parameters: {p: {type: string, default: x}}
    docker: [{image: i}]
    steps: [{run: echo << parameters.q >>}]
)"),
              "6:27 unknown-parameter: the job 'build' declares no parameter 'q'\n");
}

std::string of_workflow(const std::string& jobs) { return complaints(test::workflow(jobs)); }

TEST(Lint, names_jobs_whose_filters_nothing_passes) {
    EXPECT_EQ(of_workflow("      - a\n      - b\n      - c\n      - d: {filters: {branches: {ignore: /.*/}}}\n"),
              "warning 14:9 unreachable-job: no branch and no tag passes the filters of the job 'd'\n");
    EXPECT_EQ(of_workflow("      - a\n      - b\n      - c\n      - d: {filters: {branches: {only: []}}}\n"),
              "warning 14:9 unreachable-job: no branch and no tag passes the filters of the job 'd'\n");
    EXPECT_EQ(of_workflow("      - a\n      - b\n      - c: {filters: {branches: {only: main, ignore: /.*/}}}\n"
                          "      - d: {filters: {branches: {ignore: /.*/}, tags: {only: /v.*/}}}\n"),
              "");
}

TEST(Lint, names_jobs_that_require_what_never_runs_with_them) {
    const std::string tags = "{branches: {ignore: /.*/}, tags: {only: /v.*/}}";
    EXPECT_EQ(of_workflow("      - a\n      - b: {requires: [a], filters: " + tags +
                          "}\n      - c: {requires: [b]}\n      - d: {requires: [a]}\n"),
              "warning 12:9 unreachable-job: no branch and no tag passes both the filters of the job 'b' and those of "
              "what it requires\n");
    EXPECT_EQ(of_workflow("      - a: {filters: " + tags + "}\n      - b: {requires: [a]}\n      - c\n      - d\n"),
              "warning 12:9 unreachable-job: no branch and no tag passes both the filters of the job 'b' and those of "
              "what it requires\n");
    EXPECT_EQ(of_workflow("      - a: {filters: " + tags + "}\n      - b\n      - c: {requires: [a, b]}\n      - d\n"),
              "");
}

TEST(Lint, names_jobs_that_wait_for_an_approval_to_fail) {
    EXPECT_EQ(of_workflow("      - hold: {type: approval}\n      - a: {requires: [{hold: failed}]}\n"
                          "      - b: {requires: [{hold: [failed, canceled]}]}\n      - c\n      - d\n"),
              "warning 12:25 unreachable-job: 'hold' runs nothing and never ends so: the job 'a' never runs\n");
}

}  // namespace
}  // namespace gyre::config
