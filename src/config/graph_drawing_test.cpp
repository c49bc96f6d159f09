#include "config/graph_drawing.h"

#include "config/test_support.h"

namespace gyre::config {
namespace {

constexpr std::string_view config = R"(version: 2.1
jobs:
  lint: &job {docker: [{image: i}], steps: [checkout]}
  build: *job
  test: {parameters: {os: {type: string}}, docker: [{image: i}], steps: [{run: << parameters.os >>}]}
  report: *job
  deploy: *job
workflows:
  main:
    jobs:
      - lint
      - build
      - test:
          requires: [build]
          matrix: {parameters: {os: [linux, macos, windows-server-2022]}}
      - hold: {type: approval, requires: [test, lint], filters: {branches: {only: main}}}
      - deploy: {name: "ship \"it\"", requires: [hold]}
      - report: {requires: [{test: [failed, canceled]}, lint]}
  nightly:
    triggers: [{schedule: {cron: "0 3 * * *", filters: {branches: {only: main}}}}]
    jobs: [build, {report: {name: a name that is very much longer than names ought to be, requires: [build]}}]
)";

std::vector<WorkflowGraph> graph_for(const std::string& branch) {
    const GraphResult result = graph(config, {.branch = branch});
    EXPECT_TRUE(result.workflows.has_value()) << render_text(result.diagnostics);
    return result.workflows.value_or(std::vector<WorkflowGraph>{});
}

TEST(GraphDrawing, as_text_has_levels_and_what_each_job_waits_for) {
    EXPECT_EQ(draw_text(graph_for("")), R"(main
  1  lint
     build
  2  test-linux                after build
     test-macos                after build
     test-windows-server-2022  after build
  3  hold (approval)           after lint, test-linux, test-macos,
                                     test-windows-server-2022
     report                    after lint, test-linux (failed, canceled),
                                     test-macos (failed, canceled),
                                     test-windows-server-2022 (failed, canceled)
  4  ship "it"                 after hold

nightly
  scheduled: 0 3 * * *
  1  build
  2  a name that is very much longer than names ought to be
            after build
)");
}

TEST(GraphDrawing, of_a_branch_has_what_runs_there) {
    const std::string text = draw_text(graph_for("feature"));
    EXPECT_EQ(text.find("hold"), std::string::npos) << text;
    EXPECT_EQ(text.find("ship"), std::string::npos) << text;
    EXPECT_NE(text.find("report"), std::string::npos) << text;
}

TEST(GraphDrawing, as_mermaid_keeps_names_from_drawing) {
    EXPECT_EQ(draw_mermaid(graph_for("main")), R"mermaid(flowchart LR
  subgraph w0["main"]
    w0j0["lint"]
    w0j1["build"]
    w0j2["test-linux"]
    w0j3["test-macos"]
    w0j4["test-windows-server-2022"]
    w0j5{{"hold"}}
    w0j6["ship #34;it#34;"]
    w0j7["report"]
    w0j1 --> w0j2
    w0j1 --> w0j3
    w0j1 --> w0j4
    w0j0 --> w0j5
    w0j2 --> w0j5
    w0j3 --> w0j5
    w0j4 --> w0j5
    w0j5 --> w0j6
    w0j0 --> w0j7
    w0j2 -- "failed, canceled" --> w0j7
    w0j3 -- "failed, canceled" --> w0j7
    w0j4 -- "failed, canceled" --> w0j7
  end
  subgraph w1["nightly (0 3 * * *)"]
    w1j0["build"]
    w1j1["a name that is very much longer than names ought to be"]
    w1j0 --> w1j1
  end
)mermaid");
}

constexpr std::string_view with_groups = R"(version: 2.1
jobs: {lint: &job {machine: true, steps: [checkout]}, build: *job, ship: *job}
job-groups:
  release: {jobs: [build, ship: {requires: [build]}]}
workflows:
  main:
    jobs:
      - lint
      - release: {requires: [lint]}
      - release: {name: nightly, filters: {branches: {only: main}}}
)";

TEST(GraphDrawing, shows_which_jobs_are_a_group) {
    const auto workflows = *graph(with_groups, {.branch = "x"}).workflows;
    EXPECT_EQ(draw_text(workflows), R"(main
  1  lint
  2  release/build  after lint
  3  release/ship   after release/build
  group release: build, ship
)");
    EXPECT_EQ(draw_mermaid(workflows), R"mermaid(flowchart LR
  subgraph w0["main"]
    w0j0["lint"]
    subgraph w0g0["release"]
      w0j1["build"]
      w0j2["ship"]
    end
    w0j0 --> w0j1
    w0j1 --> w0j2
  end
)mermaid");
    const std::string all = draw_mermaid(*graph(with_groups, {.branch = "main"}).workflows);
    EXPECT_NE(all.find("    end\n    subgraph w0g1[\"nightly\"]\n      w0j3[\"build\"]\n"), std::string::npos) << all;
}

TEST(GraphDrawing, of_a_broken_config_is_none) {
    const GraphResult result = graph("version: 2\n", {});
    EXPECT_FALSE(result.workflows.has_value());
    EXPECT_TRUE(has_errors(result.diagnostics));
}

}  // namespace
}  // namespace gyre::config
