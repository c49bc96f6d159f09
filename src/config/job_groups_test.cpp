// `job-groups` (docs/decisions/0029): what workflows make of them, and what is wrong with them.

#include "config/process.h"
#include "config/test_language.h"

namespace gyre::config::test {
namespace {

std::string config(const std::string& groups, const std::string& entries) {
    return "version: 2.1\njobs:\n  a: &j {machine: true, steps: [checkout]}\n  b: *j\n  c: *j\n"
           "  p: {parameters: {s: {type: string, default: d}}, machine: true, steps: [{run: << parameters.s >>}]}\n"
           "job-groups:\n" +
           groups + "workflows:\n  w:\n    jobs:\n" + entries;
}

const std::string two = "  g: {jobs: [a, b: {requires: [a]}]}\n";

// "a b<a": the jobs with what they require; or the errors.
std::string shape(const std::string& groups, const std::string& entries, const std::string& branch = "main",
                  const std::string& tag = "") {
    const CompileResult result = compile_on(config(groups, entries), branch, tag);
    return result.plan ? shape_of(*result.plan) : errors_of(result);
}

TEST(JobGroups, are_used_like_jobs) {
    EXPECT_EQ(shape(two, "      - g\n"), "g/a g/b<g/a");
    EXPECT_EQ(shape(two, "      - g: {name: deploy}\n"), "deploy/a deploy/b<deploy/a");
    EXPECT_EQ(shape(two, "      - a\n      - g\n      - b\n"), "a g/a g/b<g/a b");
    EXPECT_EQ(shape(two, "      - g: {name: x}\n      - g: {name: y, requires: [x]}\n"),
              "x/a x/b<x/a y/a<x/a,x/b y/b<y/a");
}

TEST(JobGroups, wait_with_their_first_jobs_and_are_waited_for_as_a_whole) {
    EXPECT_EQ(shape(two, "      - c\n      - g: {requires: [c]}\n"), "c g/a<c g/b<g/a");
    EXPECT_EQ(shape("  g: {jobs: [a, b, c: {requires: [a]}]}\n", "      - p\n      - g: {requires: [p]}\n"),
              "p g/a<p g/b<p g/c<g/a");
    EXPECT_EQ(shape(two, "      - c: {requires: [g]}\n      - g\n"), "c<g/a,g/b g/a g/b<g/a");
    EXPECT_EQ(shape(two, "      - g\n      - c: {requires: [g: terminal]}\n"), "g/a g/b<g/a c<g/a,g/b");
}

TEST(JobGroups, have_names_of_their_own) {
    EXPECT_EQ(shape("  g: {jobs: [p: {s: x}, p: {s: y}, a: {requires: [p]}]}\n", "      - p\n      - g\n"),
              "p g/p-1 g/p-2 g/a<g/p-1,g/p-2");
    EXPECT_EQ(shape("  g: {jobs: [p: {matrix: {parameters: {s: [x, y]}}}, a: {requires: [p]}]}\n", "      - g\n"),
              "g/p-x g/p-y g/a<g/p-x,g/p-y");
    EXPECT_EQ(shape("  g: {jobs: [hold: {type: approval}, a: {requires: [hold]}]}\n", "      - g\n"),
              "g/hold g/a<g/hold");
}

TEST(JobGroups, pass_where_both_filters_pass) {
    const std::string mixed = "  g: {jobs: [a, b: {filters: {branches: {only: [main, /v.*/]}, tags: {only: v2}}}]}\n";
    EXPECT_EQ(shape(mixed, "      - g\n", "dev"), "g/a");
    EXPECT_EQ(shape(mixed, "      - g\n", "main"), "g/a g/b");
    EXPECT_EQ(shape(mixed, "      - g: {filters: {branches: {ignore: main}}}\n", "main"), "");
    EXPECT_EQ(shape(mixed, "      - g: {filters: {branches: {ignore: main}}}\n", "v1"), "g/a g/b");
    const std::string on_tags = "      - g: {filters: {branches: {ignore: /.*/}, tags: {only: /v.*/}}}\n";
    EXPECT_EQ(shape(mixed, on_tags, "", "v1"), "g/a") << "without filters of its own a job has those of the group";
    EXPECT_EQ(shape(mixed, on_tags, "", "v2"), "g/a g/b");
    EXPECT_EQ(shape(two, "      - g: {filters: pipeline.git.branch == \"main\"}\n", "dev"), "");
}

TEST(JobGroups, hold_their_serial_group_as_one) {
    const auto result = compile_on(
        config(two, "      - g: {serial-group: prod, name: deploy}\n      - c: {serial-group: prod}\n"), "main");
    ASSERT_TRUE(result.plan);
    std::string holders;
    for (const PlannedJob& job : result.plan->workflows.at(0).jobs)
        holders += job.name + ": " + job.serial_group + " of " + job.job_group + "\n";
    EXPECT_EQ(holders, "deploy/a: prod of deploy\ndeploy/b: prod of deploy\nc: prod of \n");
}

TEST(JobGroups, may_be_wrong_in_many_ways) {
    const std::vector<std::array<std::string, 3>> table{
        {"  g: {jobs: [a, bb]}\n", "      - g\n", "8:17 unknown-job: no job 'bb' in 'jobs'\n"},
        {two + "  h: {jobs: [g]}\n", "      - g\n      - h\n",
         "9:14 bad-job-group: 'g' is a job group: groups hold jobs, not other groups\n"},
        {"  g: {jobs: []}\n", "      - g\n      - a: {requires: [g]}\n",
         "8:13 bad-job-group: the job group 'g' has no jobs\n"},
        {"  g: {jobs: [a: {serial-group: x}]}\n", "      - g\n",
         "8:18 bad-job-group: a job of a group has no 'serial-group' of its own\n"},
        {"  g: {job: [a]}\n", "      - g\n", "8:7 unknown-key: unknown key 'job' in a job group\n"},
        {"  a: {jobs: [b]}\n", "      - a\n", "8:3 duplicate-job: a job and a job group are both called 'a'\n"},
        {two, "      - g: {context: x, pre-steps: [], type: no-op}\n",
         "12:13 bad-job-group: a job group takes no 'context'\n"
         "12:25 bad-job-group: a job group takes no 'pre-steps'\n"
         "12:40 bad-job-group: a job group has no 'type'\n"},
        {two, "      - g: {target: x}\n",
         "12:13 bad-job-group: a job group takes no arguments, and 'target' is none of its keys\n"},
        {two, "      - g\n      - g\n", "13:9 duplicate-name: two entries of this workflow are called 'g'\n"},
        {two, "      - g\n      - c: {name: g}\n", "13:19 duplicate-name: two jobs of this workflow are called 'g'\n"},
        {two, "      - g\n      - c: {requires: [b]}\n",
         "13:24 unknown-requirement: 'b' is a job of the group 'g', which is required as a whole\n"},
        {"  g: {jobs: [a: {requires: [c]}]}\n", "      - c\n      - g\n",
         "8:29 unknown-requirement: 'c' is no job of this group: within it jobs wait for each other alone\n"},
        {"  g: {jobs: [a: {requires: [b]}, b: {requires: [a]}]}\n", "      - g\n",
         "8:14 dependency-cycle: these jobs wait for each other: g/a -> g/b -> g/a\n"},
        {two, "      - g: {requires: [c]}\n      - c: {requires: [g]}\n",
         "8:14 dependency-cycle: these jobs wait for each other: g/a -> c -> g/a\n"},
        {two, "      - g: {requires: [g]}\n", "8:14 dependency-cycle: the job 'g/a' waits for itself\n"},
        {two, "      - g\n      - c: {requires: [g: failed]}\n",
         "13:24 bad-job-group: the jobs of the group 'g' may each end in another way: a group is required to succeed, "
         "or "
         "to end\n"},
    };
    for (const auto& [groups, entries, errors] : table) EXPECT_EQ(shape(groups, entries), errors) << groups << entries;
}

TEST(JobGroups, are_named_when_nothing_uses_them) {
    EXPECT_EQ(complaints("version: 2.1\njobs: {a: {machine: true, steps: [checkout]}}\n"
                         "job-groups: {g: {jobs: [a, b]}}\nworkflows: {w: {jobs: [a]}}\n"),
              "warning 3:14 unused-job-group: no workflow uses the job group 'g'\n"
              "warning 3:28 unknown-job: no job 'b' in 'jobs'\n");
}

TEST(JobGroups, that_are_wrong_are_told_when_nothing_uses_them) {
    EXPECT_EQ(complaints("version: 2.1\njobs: {a: {machine: true, steps: [checkout]}}\n"
                         "job-groups:\n  l: [a]\n  t: text\n  n:\n  q: {jobz: [a]}\nworkflows: {w: {jobs: [a]}}\n"),
              "warning 4:6 wrong-type: a job group must be a mapping, not a list\n"
              "warning 5:6 wrong-type: a job group must be a mapping, not text\n"
              "warning 6:3 missing-key: a job group needs 'jobs'\n"
              "warning 7:3 unused-job-group: no workflow uses the job group 'q'\n"
              "warning 7:7 unknown-key: unknown key 'jobz' in a job group\n");
}

TEST(JobGroups, are_kept_by_processing) {
    const std::string text = config(
        "  g: {jobs: [p: {s: x}, p: {s: y, requires: [p]}, a: {requires: [p: terminal], filters: {tags: {only: "
        "x}}}]}\n",
        "      - c\n      - g: {name: deploy, requires: [c], serial-group: prod, filters: {branches: {only: main}}}\n"
        "      - b: {requires: [deploy: terminal]}\n");
    const auto processed = process(text, {.file = "config.yml", .branch = "main"});
    ASSERT_TRUE(processed.text) << render_text(processed.diagnostics);
    EXPECT_EQ(process(*processed.text, {.file = "config.yml", .branch = "main"}).text, processed.text);
    EXPECT_NE(processed.text->find("job-groups:\n  g:\n    jobs:\n"), std::string::npos) << *processed.text;
    for (const char* branch : {"main", "dev"})
        EXPECT_EQ(*compile_on(*processed.text, branch).plan, *compile_on(text, branch).plan) << *processed.text;
}

TEST(JobGroups, of_version_2_are_those_that_a_workflow_names) {
    const auto shape_in_2 = [](const std::string& groups) {
        const auto result =
            compile_on("version: 2\njobs: {a: {machine: true, steps: [checkout]}}\njob-groups: " + groups +
                           "\nworkflows: {w: {jobs: [g]}}\n",
                       "main");
        return result.plan ? shape_of(*result.plan) : errors_of(result);
    };
    EXPECT_EQ(shape_in_2("{g: {jobs: [a]}}"), "g/a");
    for (const char* parked : {"&x 5", "{g: 5}", "{g: {jobs: 5}}", "{g: {jobs: [a], x: y}}", "[g]"})
        EXPECT_EQ(shape_in_2(parked), "4:24 unknown-job: no job 'g' in 'jobs'\n") << parked;
}

}  // namespace
}  // namespace gyre::config::test
