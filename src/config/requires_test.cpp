// `requires`, names in workflows, and jobs that filters leave out (config-language.md section 7).

#include "config/test_language.h"

namespace gyre::config::test {
namespace {

std::string entries(const std::string& lines) {
    return "jobs:\n  a: &j {machine: true, steps: [checkout]}\n  b: *j\n  c: *j\n"
           "  p: {parameters: {s: {type: string, default: d}}, machine: true, steps: [{run: << parameters.s >>}]}\n"
           "workflows:\n  w:\n    jobs:\n" +
           lines;
}

// "a b<a": the first workflow's jobs with what they require.
std::string shape(const std::string& lines, const std::string& branch = "main", const std::string& tag = "") {
    const CompileResult result = compile_on("version: 2.1\n" + entries(lines), branch, tag);
    return result.plan ? shape_of(*result.plan) : errors_of(result);
}

TEST(Requires, means_names_in_the_workflow) {
    EXPECT_EQ(shape("      - a\n      - b: {requires: [a]}\n      - c: {requires: [a, b]}\n"), "a b<a c<a,b");
    EXPECT_EQ(shape("      - b: {requires: [a]}\n      - a\n"), "b<a a");
    EXPECT_EQ(shape("      - a: {name: first}\n      - b: {requires: [first]}\n"), "first b<first");
    EXPECT_EQ(shape("      - a: {name: first}\n      - b: {requires: [a]}\n"),
              "11:24 unknown-requirement: in this workflow the job 'a' has another name: 'first'\n");
    EXPECT_EQ(shape("      - a: {name: two words}\n      - b: {requires: [two words]}\n"), "two words b<two words");
    EXPECT_EQ(shape("      - a: {requires: []}\n      - b: {requires: }\n"), "a b");
    EXPECT_EQ(shape("      - a\n      - b: {requires: [a, a]}\n"), "a b<a");
}

TEST(Requires, of_what_is_nowhere_is_said_beside_a_job_that_is_unknown) {
    EXPECT_EQ(shape("      - a\n      - nojob\n      - b: {requires: [nojob]}\n      - c: {requires: [zzzz]}\n"),
              "11:9 unknown-job: no job 'nojob' in 'jobs'\n"
              "13:24 unknown-requirement: no job 'zzzz' in this workflow\n");
}

TEST(Requires, finds_jobs_that_are_used_several_times) {
    EXPECT_EQ(shape("      - p: {s: x}\n      - p: {s: y}\n"), "p-1 p-2");
    EXPECT_EQ(shape("      - p: {s: x}\n      - p: {s: y, requires: [p]}\n"), "p-1 p-2<p-1");
    EXPECT_EQ(shape("      - p: {s: x}\n      - p: {s: y}\n      - a: {requires: [p]}\n"), "p-1 p-2 a<p-1,p-2");
    EXPECT_EQ(shape("      - p: {s: x}\n      - p: {s: y, name: why}\n      - a: {requires: [p, why]}\n"),
              "p why a<p,why");
    EXPECT_EQ(shape("      - a: {name: x}\n      - b: {name: x}\n"),
              "11:19 duplicate-name: two jobs of this workflow are called 'x'\n");
}

TEST(Requires, means_copies_only_where_there_are_some) {
    EXPECT_EQ(shape("      - p: {s: z, name: x, requires: [p]}\n      - p: {s: x}\n      - p: {s: y}\n"),
              "x<p-1,p-2 p-1 p-2");
    EXPECT_EQ(
        shape("      - p: {s: x, requires: [p]}\n      - p: {s: y}\n"),
        "10:30 unknown-requirement: here 'p' means the uses of that job before this one, and this is the first\n");
}

TEST(Requires, can_be_met) {
    EXPECT_EQ(shape("      - a\n      - b: {requires: [a: []]}\n"),
              "11:27 bad-value: no status would do: the job would never run\n");
    EXPECT_EQ(shape("      - a\n      - b: {requires: [a, a: failed]}\n"),
              "11:27 bad-value: 'a' is required twice, to end in different ways\n");
    EXPECT_EQ(shape("      - a\n      - b: {requires: [a: [success, failed], a]}\n"), "a b<a");
    const auto twice = compile_2_1(entries("      - a\n      - b: {requires: [a: [success, success]]}\n"));
    ASSERT_TRUE(twice.plan) << errors_of(twice);
    EXPECT_TRUE(twice.plan->workflows.at(0).jobs.at(1).required_statuses.empty());
}

TEST(Requires, names_that_are_empty_are_none) {
    EXPECT_EQ(shape("      - a: {name: ''}\n"), "10:19 bad-value: the name of the job is empty\n");
    EXPECT_EQ(shape("      - a: {name: << pipeline.git.tag >>}\n"), "a");
}

TEST(Requires, may_ask_for_other_ends) {
    const CompileResult result =
        compile_2_1(entries("      - a\n      - b: {requires: [a: failed]}\n      - c: {requires: [a: [success, "
                            "canceled], b: terminal]}\n"));
    ASSERT_TRUE(result.plan) << errors_of(result);
    const auto& jobs = result.plan->workflows.at(0).jobs;
    EXPECT_TRUE(jobs.at(0).required_statuses.empty());
    ASSERT_EQ(jobs.at(1).required_statuses.size(), 1U);
    EXPECT_EQ(jobs[1].required_statuses[0].job, "a");
    EXPECT_EQ(jobs[1].required_statuses[0].statuses,
              (std::vector{JobStatus::failed, JobStatus::timedout, JobStatus::infrastructure_fail}));
    ASSERT_EQ(jobs.at(2).required_statuses.size(), 2U);
    EXPECT_EQ(jobs[2].required_statuses[0].statuses, (std::vector{JobStatus::success, JobStatus::canceled}));
    EXPECT_EQ(jobs[2].required_statuses[1].statuses.size(), 7U);
    EXPECT_EQ(shape("      - a\n      - b: {requires: [a: finished]}\n"),
              "11:27 unknown-status: 'finished' is no status that a job ends with\n");
}

TEST(Requires, mistakes_have_a_place) {
    EXPECT_EQ(shape("      - a\n      - b: {requires: [aa]}\n"),
              "11:24 unknown-requirement: no job 'aa' in this workflow\n");
    EXPECT_EQ(shape("      - a: {requires: [b]}\n      - b: {requires: [a]}\n"),
              "10:9 dependency-cycle: these jobs wait for each other: a -> b -> a\n");
    EXPECT_EQ(shape("      - a: {requires: [a]}\n"), "10:9 dependency-cycle: the job 'a' waits for itself\n");
    EXPECT_EQ(shape("      - a: {requires: [b]}\n      - b: {requires: [a]}\n      - c: {requires: [c]}\n"),
              "10:9 dependency-cycle: these jobs wait for each other: a -> b -> a\n"
              "12:9 dependency-cycle: the job 'c' waits for itself\n");
    EXPECT_EQ(shape("      - a\n      - b: {requires: a}\n"),
              "11:23 wrong-type: 'requires' must be a list, not text\n");
    EXPECT_EQ(shape("      - a\n      - b: {requires: [[a]]}\n"),
              "11:24 wrong-type: each item of 'requires' must be text, not a list\n");
}

TEST(Requires, drops_what_filters_leave_out) {
    const std::string tagged = "filters: {tags: {only: /^v.*/}}";
    const std::string tags_alone = "filters: {tags: {only: /^v.*/}, branches: {ignore: /.*/}}";
    EXPECT_EQ(shape("      - a\n      - b: {" + tags_alone + "}\n      - c: {requires: [a, b]}\n"), "a c<a");
    EXPECT_EQ(shape("      - a: {" + tags_alone + "}\n      - b: {requires: [a]}\n      - c: {requires: [b]}\n"), "");
    EXPECT_EQ(shape("      - a\n      - b: {" + tagged + ", requires: [a]}\n"), "a b<a");
    EXPECT_EQ(shape("      - a\n      - b: {" + tagged + ", requires: [a]}\n", "", "v1"), "");
    EXPECT_EQ(shape("      - a: {" + tagged + "}\n      - b: {" + tagged + ", requires: [a]}\n", "", "v1"), "a b<a");
}

TEST(Requires, waits_for_approvals) {
    EXPECT_EQ(shape("      - a\n      - hold: {type: approval, requires: [a]}\n      - b: {requires: [hold]}\n"),
              "a hold<a b<hold");
    EXPECT_EQ(shape("      - hold: {type: approval, name: really?}\n      - b: {requires: [really?]}\n"),
              "really? b<really?");
    EXPECT_EQ(complaints("version: 2.1\nparameters: {k: {type: string, default: approval}}\n"
                         "jobs: {a: {machine: true, steps: [checkout]}}\nworkflows:\n  w:\n    jobs:\n"
                         "      - hold: {type: << pipeline.parameters.k >>, post-steps: [checkout]}\n      - a\n"),
              "warning 7:51 ignored-key: 'post-steps' does nothing here: an approval runs no steps\n");
    EXPECT_EQ(shape("      - hold: {type: approvl}\n"),
              "10:9 unknown-job: no job 'hold' in 'jobs'\n10:22 bad-value: a workflow can give a job the type "
              "'approval' only\n");
}

TEST(Requires, leaves_unknown_keys_of_approvals_alone_with_a_warning) {
    EXPECT_EQ(complaints(
                  "version: 2.1\njobs: {a: {machine: true, steps: [checkout]}}\nworkflows: {w: {jobs: [a, hold: {type: "
                  "approval, require: [a]}]}}\n"),
              "warning 3:50 unknown-key: unknown key 'require' in a workflow's job, which does nothing\n");
}

}  // namespace
}  // namespace gyre::config::test
