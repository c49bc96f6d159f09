#include "config/process.h"

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::plan_of;

std::string processed(std::string_view text, const CompileInput& input = {.branch = "main"}) {
    const ProcessResult result = process(text, input);
    EXPECT_TRUE(result.text.has_value()) << render_text(result.diagnostics);
    return orbs_comment(result.orbs) + result.text.value_or("");
}

// What every processed config must hold to.
void expect_whole(std::string_view text) {
    for (const auto& [branch, tag] : std::vector<std::pair<std::string, std::string>>{
             {"main", ""}, {"feature/x", ""}, {"", "v1.2"}, {"", "other"}, {"", ""}}) {
        const std::string once = processed(text, {.branch = branch, .tag = tag});
        EXPECT_EQ(processed(once), once);
        EXPECT_TRUE(plan_of(once, branch, tag) == plan_of(text, branch, tag)) << branch << tag << "\n" << once;
    }
}

constexpr std::string_view everything = R"(version: 2.1
parameters:
  deploys: {type: boolean, default: true}
executors:
  node:
    parameters: {version: {type: string}}
    docker:
      - image: cimg/node:<< parameters.version >>
        auth: {username: me, password: $PASSWORD}
      - {image: postgres:16, environment: {POSTGRES_USER: root}, command: ["-c", fsync=off]}
    environment: {CI_NODE: << parameters.version >>, A: executor}
commands:
  install:
    parameters:
      after: {type: steps, default: []}
      lock: {type: string, default: package-lock.json}
    steps:
      - restore_cache: {keys: ["m-{{ checksum \"<< parameters.lock >>\" }}", m-]}
      - run: |
          npm ci
          cat \<<EOF
            indented
          EOF
      - steps: << parameters.after >>
jobs:
  test: &test
    parameters:
      version: {type: string}
      quick: {type: boolean, default: false}
    executor: {name: node, version: << parameters.version >>}
    environment:
      - A: job
      - VERSION: 3.10
      - B=yes
    steps:
      - checkout
      - install:
          after:
            - run: {name: Report, command: "echo \"<< parameters.version >>\"", when: always, no_output_timeout: 90s}
      - unless:
          condition: << parameters.quick >>
          steps: [{store_artifacts: {path: out}}]
  release:
    machine: {image: ubuntu-2204:current, docker_layer_caching: true}
    resource_class: large
    parallelism: 2
    steps: [setup_remote_docker, {persist_to_workspace: {root: ., paths: [.]}}]
workflows:
  main:
    max_auto_reruns: 2
    jobs:
      - test:
          matrix: {parameters: {version: ["20.1", "3.10"]}}
          filters: {tags: {only: /v.*/}}
      - hold: {type: approval, requires: [test], filters: {branches: {only: [main, /release-.*/]}}}
      - release:
          name: ship it
          requires: [hold, {test: [failed, success]}]
          context: [aws, npm]
          serial-group: deploys
          pre-steps: [{run: echo first}]
      - test: {name: again, version: "3.10"}
      - test: {name: quick, version: "3.10", quick: true, filters: pipeline.git.branch == "main"}
  never:
    when: pipeline.parameters.deploys == false
    jobs: [release]
  off:
    unless: << pipeline.parameters.deploys >>
    jobs: [release]
  nightly:
    triggers: [{schedule: {cron: "0 3 * * *", filters: {branches: {only: main}}}}]
    jobs: [release]
)";

TEST(Process, expands_everything) {
    EXPECT_EQ(processed(everything), R"(version: 2
jobs:
  test-20.1:
    docker:
      - image: cimg/node:20.1
        auth:
          username: me
          password: $PASSWORD
      - image: postgres:16
        command:
          - -c
          - fsync=off
        environment:
          POSTGRES_USER: root
    environment:
      CI_NODE: "20.1"
      A: job
      VERSION: "3.10"
      B: "yes"
    steps:
      - checkout
      - restore_cache:
          keys:
            - m-{{ checksum "package-lock.json" }}
            - m-
      - run:
          command: |
            npm ci
            cat <<EOF
              indented
            EOF
      - run:
          name: Report
          command: echo "20.1"
          no_output_timeout: 90s
          when: always
      - store_artifacts:
          path: out
  test-3.10:
    docker:
      - image: cimg/node:3.10
        auth:
          username: me
          password: $PASSWORD
      - image: postgres:16
        command:
          - -c
          - fsync=off
        environment:
          POSTGRES_USER: root
    environment:
      CI_NODE: "3.10"
      A: job
      VERSION: "3.10"
      B: "yes"
    steps:
      - checkout
      - restore_cache:
          keys:
            - m-{{ checksum "package-lock.json" }}
            - m-
      - run:
          command: |
            npm ci
            cat <<EOF
              indented
            EOF
      - run:
          name: Report
          command: echo "3.10"
          no_output_timeout: 90s
          when: always
      - store_artifacts:
          path: out
  ship it:
    machine:
      image: ubuntu-2204:current
      docker_layer_caching: true
    resource_class: large
    parallelism: 2
    steps:
      - run:
          command: echo first
      - setup_remote_docker
      - persist_to_workspace:
          root: .
          paths:
            - .
  quick:
    docker:
      - image: cimg/node:3.10
        auth:
          username: me
          password: $PASSWORD
      - image: postgres:16
        command:
          - -c
          - fsync=off
        environment:
          POSTGRES_USER: root
    environment:
      CI_NODE: "3.10"
      A: job
      VERSION: "3.10"
      B: "yes"
    steps:
      - checkout
      - restore_cache:
          keys:
            - m-{{ checksum "package-lock.json" }}
            - m-
      - run:
          command: |
            npm ci
            cat <<EOF
              indented
            EOF
      - run:
          name: Report
          command: echo "3.10"
          no_output_timeout: 90s
          when: always
  release:
    machine:
      image: ubuntu-2204:current
      docker_layer_caching: true
    resource_class: large
    parallelism: 2
    steps:
      - setup_remote_docker
      - persist_to_workspace:
          root: .
          paths:
            - .
workflows:
  version: 2
  main:
    max_auto_reruns: 2
    jobs:
      - test-20.1:
          filters:
            tags:
              only:
                - /v.*/
      - test-3.10:
          filters:
            tags:
              only:
                - /v.*/
      - hold:
          type: approval
          requires:
            - test-20.1
            - test-3.10
          filters:
            branches:
              only:
                - main
                - /release-.*/
      - ship it:
          requires:
            - test-20.1:
                - failed
                - success
            - test-3.10:
                - failed
                - success
            - hold
          context:
            - aws
            - npm
          serial-group: deploys
      - test-3.10:
          name: again
      - quick:
          filters:
            branches:
              only:
                - /.*/
            tags:
              only:
                - /.*/
  nightly:
    triggers:
      - schedule:
          cron: 0 3 * * *
          filters:
            branches:
              only:
                - main
    jobs:
      - release
)");
    expect_whole(everything);
}

TEST(Process, writes_the_implicit_workflow) {
    const std::string text = R"(version: 2
jobs:
  build:
    docker: [{image: cimg/base}]
    branches: {only: main}
    steps: [checkout]
)";
    EXPECT_EQ(processed(text), R"(version: 2
jobs:
  build:
    docker:
      - image: cimg/base
    steps:
      - checkout
workflows:
  version: 2
  workflow:
    jobs:
      - build:
          filters:
            branches:
              only:
                - main
)");
    expect_whole(text);
}

TEST(Process, leaves_nothing_where_no_workflow_runs) {
    const std::string text = R"(version: 2.1
jobs:
  build: {docker: [{image: i}], steps: [checkout]}
workflows:
  w: {when: false, jobs: [build]}
)";
    EXPECT_EQ(processed(text), "version: 2\njobs: {}\nworkflows:\n  version: 2\n");
    expect_whole(text);
}

TEST(Process, keeps_what_version_2_does_not_know_elsewhere) {
    expect_whole(R"(version: 2.1
setup: true
jobs:
  build: {docker: [{image: i}], steps: [{when: {condition: false, steps: [checkout]}}]}
  mac: {macos: {xcode: 15.10}, steps: [checkout]}
  nothing: {type: no-op}
workflows:
  w:
    jobs: [build, mac, {nothing: {requires: [{build: terminal}], serial-group: a/b}}]
)");
}

TEST(Process, names_jobs_apart_that_differ) {
    const std::string text = R"(version: 2.1
jobs:
  a-1: {docker: [{image: i}], steps: [checkout]}
  a:
    parameters: {x: {type: string, default: one}}
    docker: [{image: i}]
    steps: [{run: echo << parameters.x >>}]
workflows:
  v:
    jobs: [a, {a: {x: one, name: same}}, a-1, {a: {x: two, name: A-1}}]
  w:
    jobs: [{a: {x: three, name: a-1}}, {a: {x: two}}]
)";
    std::string names;
    for (const JobSpec& one : plan_of(text).jobs) names += one.name + " ";
    EXPECT_EQ(names, "a a-1 A-1-2 a-1-3 ");
    expect_whole(text);
}

TEST(Process, says_which_orbs_were_meant) {
    const OrbSource orbs = [](const OrbReference& reference) -> OrbAnswer {
        return OrbText{reference.name, "1.2.3", "version: 2.1\ncommands: {go: {steps: [checkout]}}\n"};
    };
    const std::string text = processed(R"(version: 2.1
orbs: {a: acme/tools@1, b: acme/tools@1, c: acme/more@volatile}
jobs:
  build: {docker: [{image: i}], steps: [a/go, b/go, c/go]}
)",
                                       {.branch = "main", .orbs = orbs});
    EXPECT_EQ(text.substr(0, text.find("version")), "# orb acme/tools@1 is 1.2.3\n# orb acme/more@volatile is 1.2.3\n");
}

TEST(Process, gives_diagnostics_and_no_text_for_what_does_not_compile) {
    const ProcessResult result = process("version: 2\njobs: {}\n", {});
    EXPECT_FALSE(result.text.has_value());
    ASSERT_EQ(result.diagnostics.size(), 1U);
    EXPECT_EQ(result.diagnostics.front().code, Code::missing_build_job);
}

}  // namespace
}  // namespace gyre::config
