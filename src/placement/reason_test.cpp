#include "placement/reason.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace gyre::placement {
namespace {

TEST(Explain, is_one_sentence_a_reason) {
    const std::vector<std::pair<WaitReason, std::string>> rows{
        {NoMachine{}, "no machine takes tasks now; it starts when a machine joins or stops draining"},
        {LargerThanAnyMachine{{8000, 16384}, {4000, 8192}},
         "needs 8 CPUs and 16 GB, but the largest machine has 4 CPUs and 8 GB; choose a smaller resource_class or add "
         "a "
         "larger machine"},
        {NoCapacity{{2000, 4096}, "local", {1000, 2048}, 3},
         "needs 2 CPUs and 4 GB; machine 'local' has 1 CPU and 2 GB free beside 3 running tasks; it starts when enough "
         "of "
         "them end"},
        {NoCapacity{{2000, 4096}, "local", {1000, 2048}, 1, true},
         "needs 2 CPUs and 4 GB; machine 'local' has 1 CPU and 2 GB free beside 1 running task; it is kept free of "
         "other "
         "tasks until this one fits"},
        {NoCapacity{{2000, 4096, 1}, "local", {1000, 2048}, 1},
         "needs 2 CPUs, 4 GB and 1 GPU; machine 'local' has 1 CPU, 2 GB and 0 GPUs free beside 1 running task; it "
         "starts when enough of them end"},
        {HeldForAnother{"local", "build"},
         "there is room on machine 'local', kept for job 'build', which has waited longer; it starts once that one has "
         "started or more room is free"},
        {LimitReached{"project", "git/app", 2, 2},
         "project git/app may have 2 running tasks at a time and has 2; it starts when one of them ends or the limit "
         "is raised"},
        {LimitReached{"organization", "gh/acme", 0, 1},
         "organization gh/acme may have no tasks at a time; nothing of it starts until that limit is raised"},
    };
    for (const auto& [reason, sentence] : rows) EXPECT_EQ(explain(reason), sentence);
}

TEST(Describe, uses_the_units_people_use) {
    EXPECT_EQ(describe({1500, 7680}), "1.5 CPUs and 7680 MB");
    EXPECT_EQ(describe({1000, 1024}), "1 CPU and 1 GB");
    EXPECT_EQ(describe({0, 0}), "0 CPUs and 0 GB");
    EXPECT_EQ(describe({20'000, 40'960}), "20 CPUs and 40 GB");
    EXPECT_EQ(describe({4000, 15'360, 1}), "4 CPUs, 15 GB and 1 GPU");
    EXPECT_EQ(describe({8000, 7680, 4}), "8 CPUs, 7680 MB and 4 GPUs");
}

TEST(WaitReason, survives_storage) {
    const WaitReason reason = NoCapacity{{2000, 4096}, "local", {1000, 2048}, 3, true};
    EXPECT_EQ(*from_json_text<WaitReason>(to_json_text(reason)), reason);
}

}  // namespace
}  // namespace gyre::placement
