#include "config/workflow.h"

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;
using test::plan_of;
using test::shape_of;
using test::workflow;

constexpr const char* one_job = "{machine: true, steps: [checkout]}";

TEST(Workflow, without_one_the_job_build_runs) {
    const Plan plan = plan_of(std::string("version: 2\njobs:\n  build: ") + one_job + "\n");
    ASSERT_EQ(plan.workflows.size(), 1U);
    EXPECT_EQ(plan.workflows[0].name, "workflow");
    EXPECT_EQ(shape_of(plan), "build");
    EXPECT_EQ(plan.jobs.at(0).name, "build");
    EXPECT_EQ(complaints(std::string("version: 2\njobs:\n  test: ") + one_job + "\n"),
              "3:3 missing-build-job: without 'workflows' the job 'build' runs, and there is none\n");
    EXPECT_EQ(complaints("version: 2\n"),
              "1:1 missing-build-job: without 'workflows' the job 'build' runs, and there is none\n");
}

TEST(Workflow, any_workflow_replaces_the_implicit_one) {
    const std::string text = std::string("version: 2\njobs:\n  build: ") + one_job +
                             "\nworkflows:\n  nightly:\n    triggers: [{schedule: {cron: '0 0 * * *', filters: "
                             "{branches: {only: main}}}}]\n    jobs: [build]\n";
    const Plan plan = plan_of(text);
    EXPECT_TRUE(plan.workflows.empty());
    EXPECT_TRUE(plan.jobs.empty());
}

TEST(Workflow, nothing_runs_where_only_a_version_stands) {
    const std::string job = std::string("version: 2.1\njobs:\n  build: ") + one_job + "\n";
    EXPECT_NE(complaints(job + "workflows: {version: 2}\n").find("4:12 bad-value: there is no workflow here"),
              std::string::npos);
    EXPECT_EQ(complaints(job + "workflows: {}\n"), "");
}

TEST(Workflow, the_deprecated_branches_of_a_job_count_without_workflows_only) {
    const std::string text =
        "version: 2\njobs:\n  build: {machine: true, steps: [checkout], branches: {ignore: wip}}\n";
    EXPECT_EQ(shape_of(plan_of(text, "main")), "build");
    EXPECT_EQ(shape_of(plan_of(text, "wip")), "");
    EXPECT_EQ(shape_of(plan_of(text + "workflows: {w: {jobs: [build]}}\n", "wip")), "build");
    EXPECT_EQ(complaints(text),
              "warning 3:45 deprecated-key: 'branches' in a job is deprecated: use 'filters' in a workflow\n");
}

TEST(Workflow, plans_names_requirements_contexts_and_approvals) {
    const Plan plan = plan_of(workflow(R"(      - a
      - hold: {type: approval, requires: [a]}
      - b: {name: Deploy it, requires: [hold, {a: success}], context: [one, two, one]}
      - c: {context: org-global, requires: [Deploy it]}
)"));
    EXPECT_EQ(shape_of(plan), "a hold<a Deploy it<a,hold c<Deploy it");
    const auto& jobs = plan.workflows[0].jobs;
    EXPECT_EQ(jobs[1].type, JobType::approval);
    EXPECT_EQ(jobs[1].spec, -1);
    EXPECT_EQ(plan.jobs.at(static_cast<std::size_t>(jobs[2].spec)).name, "b");
    EXPECT_EQ(jobs[2].contexts, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(jobs[3].contexts, (std::vector<std::string>{"org-global"}));
}

TEST(Workflow, a_job_used_twice_is_planned_once_and_named_twice) {
    const Plan plan = plan_of(
        workflow("      - a\n      - a: {requires: [a]}\n      - b: {requires: [a]}\n      - c: {requires: [a-2]}\n"));
    EXPECT_EQ(shape_of(plan), "a-1 a-2<a-1 b<a-1,a-2 c<a-2");
    EXPECT_EQ(plan.jobs.size(), 3U);
    EXPECT_EQ(plan.workflows[0].jobs[0].spec, plan.workflows[0].jobs[1].spec);
}

TEST(Workflow, suffixes_avoid_names_that_exist) {
    EXPECT_EQ(shape_of(plan_of(workflow("      - a\n      - a\n      - b: {name: a-1}\n"))), "a-2 a-3 a-1");
    EXPECT_EQ(shape_of(plan_of(workflow("      - a\n      - a: {name: x}\n"))), "a x");
}

TEST(Workflow, several_workflows_share_jobs_and_names) {
    const Plan plan = plan_of(workflow("      - a\n") + "  v: {jobs: [a, b]}\n");
    ASSERT_EQ(plan.workflows.size(), 2U);
    EXPECT_EQ(plan.workflows[1].name, "v");
    EXPECT_EQ(plan.workflows[1].jobs[0].name, "a");
    EXPECT_EQ(plan.workflows[1].jobs[0].spec, plan.workflows[0].jobs[0].spec);
}

std::string without_unused(const std::string& complaints) {
    std::string kept;
    for (std::size_t at = 0; at < complaints.size();) {
        const std::size_t end = complaints.find('\n', at) + 1;
        const std::string line = complaints.substr(at, end - at);
        if (line.find("unused-job") == std::string::npos) kept += line;
        at = end;
    }
    return kept;
}

TEST(Workflow, unused_jobs_are_told) {
    EXPECT_EQ(
        complaints(workflow("      - a\n      - b\n      - hold: {type: approval}\n")),
        "warning 5:3 unused-job: no workflow uses the job 'c'\nwarning 6:3 unused-job: no workflow uses the job 'd'\n");
}

TEST(Workflow, mistakes_have_a_place) {
    const struct {
        const char* yaml;  // from line 11
        const char* complaint;
    } table[] = {
        {"      - e\n", "11:9 unknown-job: no job 'e' in 'jobs'\n"},
        {"      - a: {requires: [bb]}\n      - b\n", "11:24 unknown-requirement: no job 'bb' in this workflow\n"},
        {"      - a: {requires: [a]}\n", "11:9 dependency-cycle: the job 'a' waits for itself\n"},
        {"      - a: {requires: [c]}\n      - b: {requires: [a]}\n      - c: {requires: [b]}\n      - d: {requires: "
         "[a]}\n",
         "11:9 dependency-cycle: these jobs wait for each other: a -> c -> b -> a\n"},
        {"      - a: {name: x}\n      - b: {name: x}\n",
         "12:19 duplicate-name: two jobs of this workflow are called 'x'\n"},
        {"      - a\n      - b: {name: a}\n", "12:19 duplicate-name: two jobs of this workflow are called 'a'\n"},
        {"      - a: {require: [b]}\n      - b\n",
         "warning 11:13 unknown-key: unknown key 'require' in a workflow's job, which does nothing\n"},
        {"      - a:\n        requires: [b]\n      - b\n",
         "11:9 several-keys: the options of 'a' stand beside it, not below it\n"},
        {"      - a: {requires: b}\n      - b\n", "11:23 wrong-type: 'requires' must be a list, not text\n"},
        {"      - a: {type: approvall}\n", "11:19 bad-value: a workflow can give a job the type 'approval' only\n"},
        {"      - a: {type: approval}\n",
         "warning 11:9 ignored-key: an approval job runs nothing: the job 'a' defined in 'jobs' is not used\n"},
        {"      - a: {requires: [{b: failed}]}\n      - b\n", ""},
        {"      - a: {matrix: {}}\n", "11:13 needs-version-2.1: 'matrix' in a workflow's job needs 'version: 2.1'\n"},
        {"      - a: {context: [one, \"\"]}\n", "11:28 bad-value: the name of a context is empty\n"},
        {"      - a: {context: \"\"}\n", "11:22 bad-value: the name of a context is empty\n"},
        {"      - a: {context: []}\n", ""},
        {"      - a: {serial-group: \"\"}\n", "11:27 bad-value: not a name of a serial group\n"},
        {"      - [a]\n", "11:9 wrong-type: each entry of a workflow's 'jobs' must be text or a mapping, not a list\n"},
        {"      []\n", "warning 11:7 bad-value: the workflow has no jobs and never runs\n"},
    };
    for (const auto& row : table) {
        const std::string found = without_unused(complaints(workflow(row.yaml)));
        EXPECT_EQ(found, row.complaint) << row.yaml;
    }
}

TEST(Workflow, schedules_are_checked) {
    const auto with = [](const std::string& triggers) {
        return complaints(
            "version: 2\njobs: {a: {machine: true, steps: [checkout]}}\nworkflows:\n  w:\n    jobs: [a]\n    "
            "triggers:\n" +
            triggers);
    };
    EXPECT_EQ(with("      - schedule: {cron: '*/5 0-3,7 * jan-mar MON', filters: {branches: {only: main}}}\n"), "");
    EXPECT_EQ(with("      - schedule: {cron: '17 * 5,7 * 17', filters: {branches: {only: main}}}\n"),
              "7:38 bad-schedule: not a cron line: '17' is no day of the week\n");
    EXPECT_EQ(with("      - schedule: {cron: '0 0 30 2 *', filters: {branches: {only: main}}}\n"),
              "warning 7:26 bad-schedule: there is no such day: this schedule never fires\n");
    EXPECT_EQ(with("      - schedule: {cron: 'daily', filters: {branches: {only: '/[/'}}}\n"),
              "7:26 bad-schedule: not a cron line: it has 1 field, not 5\n"
              "7:62 bad-pattern: not a regular expression: missing terminating ] for character class at character 2 of "
              "'['\n");
    for (const char* blank : {"''", "'   '", "\"\\t\""})
        EXPECT_EQ(with("      - schedule: {cron: " + std::string(blank) + ", filters: {branches: {only: main}}}\n"),
                  "7:26 bad-schedule: not a cron line: it has 0 fields, not 5\n")
            << blank;
    EXPECT_EQ(with("      - schedule: {cron: '0 0 * * *'}\n"), "7:9 missing-key: 'schedule' needs 'filters'\n");
    EXPECT_EQ(with("      - {}\n"), "7:9 missing-key: a trigger needs 'schedule'\n");
}

constexpr const char* nightly = R"(
version: 2.1
jobs: {build: {machine: true, steps: [checkout]}}
workflows:
  on-push: {jobs: [build]}
  nightly:
    when: {equal: [scheduled_pipeline, << pipeline.trigger_source >>]}
    triggers:
      - schedule: {cron: "0 3 * * *", filters: {branches: {only: [main, /release-.*/]}}}
      - schedule: {cron: "0 9 * * 1", filters: {branches: {ignore: main}}}
      - schedule: {cron: "0 3 * * *", filters: {branches: {only: main}}}
    jobs: [build]
)";

TEST(Workflow, schedules_are_planned_for_the_branches_that_their_filters_let_through) {
    const auto schedules = [](const std::string& branch, const std::string& tag = "") {
        std::string text;
        for (const auto& one : plan_of(nightly, branch, tag).schedules) text += one.workflow + " " + one.cron + "; ";
        return text;
    };
    EXPECT_EQ(schedules("main"), "nightly 0 3 * * *; ");
    EXPECT_EQ(schedules("release-1"), "nightly 0 3 * * *; nightly 0 9 * * 1; ");
    EXPECT_EQ(schedules("release"), "nightly 0 9 * * 1; ");
    EXPECT_EQ(schedules("", "v1"), "");
}

TEST(Workflow, one_with_triggers_runs_when_it_is_asked_for_by_name) {
    CompileInput input{.branch = "main"};
    const auto planned = [&] {
        std::string names;
        const auto result = compile(nightly, input);
        for (const auto& one : result.plan->workflows) names += one.name + " ";
        return names;
    };
    EXPECT_EQ(planned(), "on-push ");
    input.workflow = "nightly";
    EXPECT_EQ(planned(), "on-push ") << "its condition does not hold";
    input.values["trigger_source"] = "scheduled_pipeline";
    EXPECT_EQ(planned(), "on-push nightly ");
    input.workflow = "";
    EXPECT_EQ(planned(), "on-push ");
}

TEST(Workflow, says_how_often_it_is_rerun_and_which_jobs_run_one_at_a_time) {
    const std::string text = workflow("      - a: {serial-group: prod}\n      - b\n    max_auto_reruns: 2\n");
    EXPECT_EQ(without_unused(complaints(text)), "");
    const auto planned = compile(text, {.branch = "main"}).plan->workflows.at(0);
    EXPECT_EQ(planned.max_auto_reruns, 2);
    EXPECT_EQ(planned.jobs.at(0).serial_group, "prod");
    EXPECT_EQ(planned.jobs.at(1).serial_group, "");
}

}  // namespace
}  // namespace gyre::config
