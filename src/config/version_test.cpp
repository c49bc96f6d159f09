// Versions, and what means something in one of them only.

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace gyre::config {
namespace {

using test::complaints;
using test::plan_of;

const std::string build = "jobs: {build: {machine: true, steps: [checkout]}}\n";

TEST(Version, may_be_a_number_or_text) {
    for (const char* version : {"2", "2.0", "2.1", "'2'", "\"2.1\""}) {
        EXPECT_EQ(complaints("version: " + std::string(version) + "\n" + build), "") << version;
    }
    EXPECT_EQ(complaints("version: 2.10\n" + build), "1:10 unsupported-version: version '2.10' is not supported\n");
    EXPECT_EQ(complaints("version: 1\n" + build), "1:10 unsupported-version: version '1' is not supported\n");
    EXPECT_EQ(complaints("version:\n" + build), "1:1 missing-version: 'version' has no value\n");
    EXPECT_EQ(complaints(build), "1:1 missing-version: the config does not say its version\n");
}

TEST(Version, other_keys_at_the_top_are_parking_lots) {
    EXPECT_EQ(complaints("version: 2\nx-anchors: [&a 1]\nexperimental: {notify: 1}\n" + build), "");
}

TEST(Version, in_2_0_keys_of_2_1_do_nothing) {
    EXPECT_EQ(complaints("version: 2\norbs: {n: a/b@1}\ncommands: {c: {steps: [checkout]}}\nexecutors: {e: 1}\n"
                         "parameters: {p: 1}\nsetup: maybe\n" +
                         build),
              "warning 2:1 needs-version-2.1: 'orbs' needs 'version: 2.1'; in version 2 it does nothing\n"
              "warning 3:1 needs-version-2.1: 'commands' needs 'version: 2.1'; in version 2 it does nothing\n"
              "warning 4:1 needs-version-2.1: 'executors' needs 'version: 2.1'; in version 2 it does nothing\n"
              "warning 5:1 needs-version-2.1: 'parameters' needs 'version: 2.1'; in version 2 it does nothing\n"
              "warning 6:1 needs-version-2.1: 'setup' needs 'version: 2.1'; in version 2 it does nothing\n");
    EXPECT_EQ(complaints("version: 2\norbs: {}\ncommands:\nexecutors: {e: &e {working_directory: /x}}\n"
                         "jobs: {build: {<<: *e, machine: true, steps: [checkout]}}\n"),
              "")
        << "empty, or a place for an anchor";
}

TEST(Version, in_2_0_references_are_text) {
    const Plan plan =
        plan_of("version: 2\njobs: {build: {machine: true, steps: [{run: 'echo << parameters.x >> \\<<'}]}}\n");
    EXPECT_EQ(std::get<RunStep>(plan.jobs.at(0).steps.at(0)).command, "echo << parameters.x >> \\<<");
}

TEST(Version, in_2_1_other_angle_brackets_are_text) {
    const Plan plan = plan_of(
        "version: 2.1\njobs: {build: {machine: true, steps: [{run: \"cat <<EOF > x\\na >> b\\nEOF\\ncat "
        "\\\\<<E\"}]}}\n");
    EXPECT_EQ(std::get<RunStep>(plan.jobs.at(0).steps.at(0)).command, "cat <<EOF > x\na >> b\nEOF\ncat <<E");
}

TEST(Version, empty_2_1_sections_do_no_harm) {
    EXPECT_EQ(complaints("version: 2.1\norbs: {}\ncommands:\nparameters: {}\nsetup: false\n" + build), "");
}

}  // namespace
}  // namespace gyre::config
