#include "config/filters.h"

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;
using test::plan_of;
using test::shape_of;
using test::workflow;

// Whether the only job of a workflow runs under these filters.
bool runs(const std::string& filters, const std::string& branch, const std::string& tag = "") {
    return shape_of(plan_of(workflow("      - a: {filters: " + filters + "}\n"), branch, tag)) == "a";
}

TEST(Filters, follow_the_table_for_branches) {
    const struct {
        const char* filters;
        const char* branch;
        bool runs;
    } table[] = {
        {"{}", "main", true},
        {"", "main", true},
        {"{tags: {only: v1}}", "main", true},
        {"{tags: {ignore: /.*/}}", "main", true},
        {"{branches: {}}", "main", true},
        {"{branches: {only: main}}", "main", true},
        {"{branches: {only: main}}", "maintenance", false},
        {"{branches: {only: mai}}", "main", false},
        {"{branches: {only: [dev, main]}}", "main", true},
        {"{branches: {only: []}}", "main", false},
        {"{branches: {only: /mai/}}", "main", false},
        {"{branches: {only: /mai.*/}}", "main", true},
        {"{branches: {only: '/^(dev|main)$/'}}", "main", true},
        {"{branches: {only: /dev|main/}}", "maint", false},
        {"{branches: {only: [/x/, '/feature\\/.+/']}}", "feature/a", true},
        {"{branches: {only: '/(?!main).*/'}}", "main", false},
        {"{branches: {only: '/.*/'}}", "\xC3\xA9t\xC3\xA9", true},
        {"{branches: {ignore: main}}", "main", false},
        {"{branches: {ignore: main}}", "dev", true},
        {"{branches: {ignore: [dev, /ma.*/]}}", "main", false},
        {"{branches: {ignore: /.*/}}", "main", false},
        {"{branches: {only: main, ignore: main}}", "main", true},
        {"{branches: {only: /.*/, ignore: main}}", "main", true},
        {"{branches: {only: 1.10}}", "1.10", true},
    };
    for (const auto& row : table)
        EXPECT_EQ(runs(row.filters, row.branch), row.runs) << row.filters << " " << row.branch;
}

TEST(Filters, follow_the_table_for_tags) {
    const struct {
        const char* filters;
        const char* tag;
        bool runs;
    } table[] = {
        {"{}", "v1", false},
        {"{branches: {only: /.*/}}", "v1", false},
        {"{tags: {only: /v.*/}}", "v1", true},
        {"{tags: {only: /v.*/}, branches: {ignore: /.*/}}", "v1", true},
        {"{tags: {only: /v\\d+/}}", "v1.0", false},
        {"{tags: {only: [v1, v2]}}", "v2", true},
        {"{tags: {ignore: v1}}", "v1", false},
        {"{tags: {ignore: v1}}", "v2", true},
    };
    for (const auto& row : table) EXPECT_EQ(runs(row.filters, "", row.tag), row.runs) << row.filters << " " << row.tag;
}

TEST(Filters, are_not_applied_without_branch_and_tag) {
    EXPECT_TRUE(runs("{branches: {only: main}, tags: {only: v1}}", ""));
}

TEST(Filters, drop_what_requires_only_what_was_dropped) {
    const std::string off = "filters: {branches: {ignore: main}}";
    const auto shape = [](const std::string& jobs) { return shape_of(plan_of(workflow(jobs))); };
    EXPECT_EQ(shape("      - a: {" + off + "}\n      - b: {requires: [a]}\n      - c\n"), "c");
    EXPECT_EQ(shape("      - a: {" + off + "}\n      - b\n      - c: {requires: [a, b]}\n"), "b c<b");
    EXPECT_EQ(shape("      - d: {requires: [c]}\n      - c: {requires: [b]}\n      - b: {requires: [a]}\n      - a: {" +
                    off + "}\n"),
              "");
    EXPECT_EQ(shape("      - a: {" + off + "}\n      - b: {requires: [a]}\n      - c\n      - d: {requires: [b, c]}\n"),
              "c d<c");
    EXPECT_EQ(shape("      - hold: {type: approval, " + off + "}\n      - b: {requires: [hold]}\n"), "");
}

TEST(Filters, a_tag_job_needs_its_upstream_to_have_a_tag_filter_too) {
    const std::string jobs = "      - a\n      - b: {requires: [a], filters: {tags: {only: /.*/}}}\n";
    EXPECT_EQ(shape_of(plan_of(workflow(jobs), "", "v1")), "");
    EXPECT_EQ(shape_of(plan_of(workflow(jobs), "main")), "a b<a");
}

TEST(Filters, mistakes_have_a_place) {
    const auto with = [](const std::string& filters) {
        const std::string all = complaints(workflow("      - a: {filters: " + filters + "}\n"));
        return all.substr(0, all.find("warning"));
    };
    EXPECT_EQ(with("{branches: {only: '/(/'}}"),
              "11:40 bad-pattern: not a regular expression: missing closing parenthesis at character 2 of '('\n");
    EXPECT_EQ(with("{branches: {only: [{a: b}]}}"), "11:41 wrong-type: a pattern must be text, not a mapping\n");
    EXPECT_EQ(with("{branch: {only: a}}"), "11:23 unknown-key: unknown key 'branch' in 'filters'\n");
    EXPECT_EQ(with("{branches: main}"), "11:33 wrong-type: 'branches' must be a mapping, not text\n");
    EXPECT_EQ(with("pipeline.git.branch"),
              "11:22 needs-version-2.1: filters written as an expression need 'version: 2.1'\n");
    EXPECT_EQ(with("{branches: {only: '/" + std::string(2000, 'a') + "/'}}"),
              "11:40 bad-pattern: not a regular expression: the expression is longer than 1000 bytes, the limit\n");
}

}  // namespace
}  // namespace gyre::config
