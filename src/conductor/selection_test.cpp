#include "conductor/selection.h"

#include <gtest/gtest.h>

namespace gyre::conductor {
namespace {

Plan plan() {
    Plan plan;
    plan.jobs = {{.name = "build"}, {.name = "test"}};
    plan.workflows = {{"main", {{.name = "build", .spec = 0}, {.name = "test", .spec = 1, .requires_ = {"build"}}}},
                      {"nightly", {{.name = "build", .spec = 0}}}};
    return plan;
}

TEST(Select, nothing_asked_for_keeps_everything) {
    Plan all = plan();
    ASSERT_TRUE(select(all, "", "").ok());
    EXPECT_EQ(all, plan());
}

TEST(Select, one_workflow) {
    Plan one = plan();
    ASSERT_TRUE(select(one, "nightly", "").ok());
    ASSERT_EQ(one.workflows.size(), 1U);
    EXPECT_EQ(one.workflows[0].name, "nightly");
}

TEST(Select, one_job_alone_without_its_requirements) {
    Plan one = plan();
    ASSERT_TRUE(select(one, "", "test").ok());
    ASSERT_EQ(one.workflows.size(), 1U);
    ASSERT_EQ(one.workflows[0].jobs.size(), 1U);
    EXPECT_TRUE(one.workflows[0].jobs[0].requires_.empty());
}

TEST(Select, names_what_there_is_when_the_name_is_wrong) {
    Plan wrong = plan();
    EXPECT_NE(select(wrong, "mian", "").error().message.find("main, nightly"), std::string::npos);
    EXPECT_NE(select(wrong, "", "tset").error().message.find("build, test"), std::string::npos);
}

}  // namespace
}  // namespace gyre::conductor
