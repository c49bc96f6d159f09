#include "config/steps.h"

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;
using test::plan_of;
using test::steps;

Step only_step(const std::string& body) {
    const Plan plan = plan_of(steps(body));
    EXPECT_EQ(plan.jobs.at(0).steps.size(), 1U);
    return plan.jobs.at(0).steps.at(0);
}

TEST(Steps, run_may_be_text) {
    const auto run = std::get<RunStep>(only_step("      - run: |\n          make\n          make test\n"));
    EXPECT_EQ(run.command, "make\nmake test\n");
    EXPECT_EQ(run.name, run.command);
    EXPECT_EQ(run.no_output_timeout_ms, 600'000);
    EXPECT_EQ(run.when, StepCondition::on_success);
}

TEST(Steps, run_carries_every_attribute) {
    const auto run = std::get<RunStep>(only_step(R"(      - run:
          name: Tests
          command: make test
          shell: bash -leo pipefail
          environment: {A: b}
          working_directory: sub
          no_output_timeout: 1.25h
          when: always
          max_auto_reruns: 3
          auto_rerun_delay: 30s
)"));
    EXPECT_EQ(run.name, "Tests");
    EXPECT_EQ(run.command, "make test");
    EXPECT_EQ(run.shell, "bash -leo pipefail");
    EXPECT_EQ(run.environment, (Environment{{"A", "b"}}));
    EXPECT_EQ(run.working_directory, "sub");
    EXPECT_EQ(run.no_output_timeout_ms, 4'500'000);
    EXPECT_EQ(run.when, StepCondition::always);
    EXPECT_EQ(run.max_auto_reruns, 3);
    EXPECT_EQ(run.auto_rerun_delay_ms, 30'000);
    EXPECT_FALSE(run.background);
    EXPECT_TRUE(std::get<RunStep>(only_step("      - run: {command: x, background: true}\n")).background);
}

TEST(Steps, all_kinds_are_read) {
    const Plan plan = plan_of(steps(R"(      - checkout
      - checkout: {path: src, method: full}
      - save_cache: {key: "v1-{{ arch }}", paths: [~/a, b], name: Save, when: on_fail}
      - save-cache: {key: k, paths: c}
      - restore_cache: {key: k}
      - restore_cache: {key: a, keys: [b, c]}
      - persist_to_workspace: {root: /tmp, paths: [x, y]}
      - attach_workspace: {at: /tmp}
      - store_artifacts: {path: out, destination: docs}
      - store_test_results: {path: junit}
)"));
    const std::vector<Step> wanted{
        CheckoutStep{},
        CheckoutStep{.path = "src"},
        SaveCacheStep{.name = "Save", .key = "v1-{{ arch }}", .paths = {"~/a", "b"}, .when = StepCondition::on_fail},
        SaveCacheStep{.key = "k", .paths = {"c"}},
        RestoreCacheStep{.keys = {"k"}},
        RestoreCacheStep{.keys = {"a", "b", "c"}},
        PersistToWorkspaceStep{.root = "/tmp", .paths = {"x", "y"}},
        AttachWorkspaceStep{.at = "/tmp"},
        StoreArtifactsStep{.path = "out", .destination = "docs"},
        StoreTestResultsStep{.path = "junit"},
    };
    EXPECT_EQ(plan.jobs.at(0).steps, wanted);
}

TEST(Steps, deploy_is_a_run_with_a_mark) {
    const CompileResult result = test::compile_on(steps("      - deploy: {command: ship}\n"), "main");
    ASSERT_TRUE(result.plan);
    EXPECT_TRUE(std::get<RunStep>(result.plan->jobs[0].steps[0]).deploy);
    EXPECT_EQ(result.diagnostics.at(0).code, Code::deprecated_key);
}

// Decision 0026: another pipeline may have the value.
TEST(Steps, with_nothing_but_a_value_that_the_pipeline_lacks_are_left_out) {
    const std::string absent = "<< pipeline.git.commit.url >>";
    const auto text = [](const std::string& step) {
        return "version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n      - checkout\n      - " + step + "\n";
    };
    const struct {
        std::string step;
        const char* what;
    } table[] = {
        {"run: " + absent, "the command"},
        {"run: {command: \"" + absent + absent + "\", name: x}", "the command"},
        {"save_cache: {key: " + absent + ", paths: [x]}", "'key'"},
        {"restore_cache: {key: " + absent + "}", "'key'"},
        {"restore_cache: {keys: [" + absent + "]}", "'keys'"},
        {"save_cache: {key: 'k-{{ epoch }}', paths: [" + absent + "]}", "'paths'"},
        {"persist_to_workspace: {root: ., paths: [" + absent + "]}", "'paths'"},
        {"store_artifacts: {path: " + absent + "}", "'path'"},
        {"store_test_results: {path: " + absent + "}", "'path'"},
        {"persist_to_workspace: {root: " + absent + ", paths: [x]}", "'root'"},
        {"attach_workspace: {at: " + absent + "}", "'at'"},
    };
    for (const auto& one : table) {
        const CompileResult result = test::compile_on(text(one.step), "main");
        ASSERT_TRUE(result.plan) << one.step;
        EXPECT_EQ(result.plan->jobs.at(0).steps, std::vector<Step>{CheckoutStep{}}) << one.step;
        ASSERT_EQ(result.diagnostics.size(), 1U) << one.step;
        EXPECT_EQ(
            result.diagnostics[0].message,
            std::string(one.what) + " is empty, since this pipeline does not have that value: the step is left out");
        const CompileResult other =
            compile(text(one.step), {.branch = "main", .values = {{"git.commit.url", std::string("x")}}});
        ASSERT_TRUE(other.plan) << one.step;
        EXPECT_EQ(other.plan->jobs.at(0).steps.size(), 2U) << one.step;
    }
    EXPECT_EQ(plan_of(text("checkout: {path: " + absent + "}")).jobs.at(0).steps.size(), 2U) << "it needs none";
    const auto restored = plan_of(text("restore_cache: {keys: [" + absent + ", v1-]}")).jobs.at(0).steps;
    EXPECT_EQ(std::get<RestoreCacheStep>(restored.at(1)).keys, std::vector<std::string>{"v1-"});
}

TEST(Steps, mistakes_have_a_place) {
    const struct {
        const char* yaml;  // from line 6
        const char* complaint;
    } table[] = {
        {"      - run\n", "6:9 missing-key: `run` needs 'command'\n"},
        {"      - run:\n", "6:9 missing-key: `run` needs 'command'\n"},
        {"      - run: ''\n", "6:14 bad-value: the command is empty\n"},
        {"      - run: {name: x}\n", "6:9 missing-key: `run` needs 'command'\n"},
        {"      - run: [a]\n", "6:14 wrong-type: `run` must be a mapping, not a list\n"},
        {"      - run:\n        name: x\n        command: y\n",
         "6:9 several-keys: the attributes of `run` stand beside it, not below it\n"},
        {"      - run: a\n        checkout: b\n", "6:9 several-keys: a step has exactly one key; this one has 2\n"},
        {"      - run: {comand: x}\n", "6:15 unknown-key: unknown key 'comand' in `run`\n"},
        {"      - run: {command: x, when: sometimes}\n",
         "6:33 bad-value: 'when: sometimes' is no condition of a step\n"},
        {"      - run: {command: x, no_output_timeout: 10}\n",
         "warning 6:46 bad-value: 'no_output_timeout' has no unit and is taken as seconds\n"},
        {"      - run: {command: x, no_output_timeout: soon}\n",
         "6:46 bad-value: 'soon' is not a duration for 'no_output_timeout'\n"},
        {"      - run: {command: x, background: maybe}\n",
         "6:39 wrong-type: 'background' must be true or false, not text\n"},
        {"      - run: {command: x, max_auto_reruns: 6}\n", "6:44 bad-value: 'max_auto_reruns' must be from 1 to 5\n"},
        {"      - run: {command: x, max_auto_reruns: 99999999999999999999}\n",
         "6:44 bad-value: 'max_auto_reruns' must be from 1 to 5\n"},
        {"      - run: {command: x, max_auto_reruns: 1, background: true}\n",
         "6:27 bad-value: a background step cannot be rerun: nobody waits for its end\n"},
        {"      - run: {command: x, auto_rerun_delay: 5s}\n",
         "6:27 missing-key: 'auto_rerun_delay' needs 'max_auto_reruns'\n"},
        {"      - run: {command: x, max_auto_reruns: 1, auto_rerun_delay: 11m}\n",
         "6:65 bad-value: 'auto_rerun_delay' is longer than 10 minutes, the limit\n"},
        {"      - checkuot\n", "6:9 unknown-step: no step is called 'checkuot'\n"},
        {"      - make test\n", "6:9 unknown-step: no step is called 'make test'\n"},
        {"      - node/install\n", "6:9 unknown-step: no step is called 'node/install'\n"},
        {"      - - checkout\n", "6:9 nested-steps: a list of steps cannot be an item of 'steps'\n"},
        {"      - ~\n", "6:9 wrong-type: an empty step\n"},
        {"      - {}\n", "6:9 wrong-type: an empty step\n"},
        {"      - checkout: x\n", "6:9 missing-key: `checkout` needs attributes\n"},
        {"      - checkout: {method: fast}\n", "6:28 bad-value: 'fast' is no way to check out\n"},
        {"      - save_cache\n", "6:9 missing-key: `save_cache` needs 'key' and 'paths'\n"},
        {"      - save_cache: {key: '{{ epoch }}'}\n", "6:9 missing-key: `save_cache` needs 'paths'\n"},
        {"      - save_cache: {key: '{{ epoch }}', paths: []}\n", "6:49 bad-value: 'paths' is empty\n"},
        {"      - save_cache: {key: '{{ epoch }}', paths: [{a: b}]}\n",
         "6:50 wrong-type: each item of 'paths' must be text, not a mapping\n"},
        {"      - restore_cache: {name: x}\n", "6:9 missing-key: restore_cache needs 'key' or 'keys'\n"},
        {"      - restore_cache: {key: k, paths: [x]}\n",
         "warning 6:33 ignored-key: 'paths' in `restore_cache` does nothing: a cache is restored to where it was saved "
         "from\n"},
        {"      - restore_cache: {keys: [a, '']}\n",
         "warning 6:35 bad-value: every key begins with an empty one: any cache of the project may be restored\n"},
        {"      - run: \"a\\0b\"\n",
         "6:14 control-character: the character U+0000 cannot stand in a text: names, variables and commands end at "
         "it\n"},
        {"      - attach_workspace: {path: x}\n",
         "6:9 missing-key: `attach_workspace` needs 'at'\nwarning 6:28 unknown-key: unknown key 'path' in "
         "`attach_workspace`, which does nothing\n"},
        {"      - when: {condition: true, steps: [checkout]}\n",
         "6:9 needs-version-2.1: the step `when` needs 'version: 2.1'\n"},
    };
    for (const auto& row : table) EXPECT_EQ(complaints(steps(row.yaml)), row.complaint) << row.yaml;
}

TEST(Steps, a_mistake_behind_an_alias_is_reported_once_with_the_way_to_it) {
    const CompileResult result =
        test::compile_on("version: 2\nx: &x\n  run: {comand: a, command: b}\n" +
                             steps("      - *x\n      - *x\n").substr(sizeof("version: 2\n") - 1),
                         "main");
    ASSERT_EQ(result.diagnostics.size(), 1U);
    EXPECT_EQ(result.diagnostics[0].range, (Range{3, 9, 3, 15}));
    ASSERT_EQ(result.diagnostics[0].notes.size(), 1U);
    const Note& note = result.diagnostics[0].notes[0];
    EXPECT_EQ(note.message, "used here through '*x'");
    EXPECT_EQ(note.range, (Range{8, 9, 8, 11}));
    EXPECT_TRUE(note.station);
    EXPECT_EQ(note.excerpt, "      - *x");
}

}  // namespace
}  // namespace gyre::config
