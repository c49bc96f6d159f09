#include "apps/gyre/run_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace gyre::apps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

JobRun example() {
    JobRun run{.manifest = {}, .status = "success", .steps = {}};
    auto& manifest = run.manifest;
    manifest.job_name = "test";
    manifest.revision = std::string(40, 'a');
    manifest.executor = "docker";
    manifest.images = {{"node:20", "sha256:1", "sha256:one"}};
    manifest.job.steps = {CheckoutStep{}, RunStep{.name = "make", .command = "make"}};
    manifest.job.environment = {{"MODE", "fast"}};
    manifest.built_in = {{"CI", "true"}, {"CIRCLE_BUILD_NUM", "1"}, {"CIRCLE_SHA1", "x"}};
    manifest.secrets = {"TOKEN"};
    manifest.caches = {
        {.step = 103, .keys = {"k-"}, .found = CacheEntry{.key = "k-1", .blob = "b1"}, .restored = true}};
    manifest.workspaces = {{.step = 104, .layers = {{.job = {"id-1"}, .job_name = "build", .blob = "b2"}}, .jobs = {}}};
    run.steps = {{.index = 102, .name = "make", .status = StepStatus::success, .exit_code = 0, .run_time_ms = 1000}};
    return run;
}

std::vector<Difference> after(const std::function<void(JobRun&)>& change) {
    auto changed = example();
    change(changed);
    return differences(example(), changed);
}

TEST(Differences, are_none_between_a_run_and_itself_under_other_names_and_in_other_times) {
    EXPECT_THAT(after([](JobRun& run) {
                    run.manifest.attempt.job = {"other"};
                    run.manifest.build_number = 2;
                    run.manifest.built_in[1].value = "2";
                    run.manifest.workspaces[0].layers[0].job = {"id-2"};
                    run.steps[0].run_time_ms = 5000;
                    run.steps.push_back({.index = 9000, .name = "Wait for SSH sessions", .type = "infrastructure"});
                }),
                IsEmpty());
}

TEST(Differences, name_what_differs) {
    struct Case {
        std::function<void(JobRun&)> change;
        Difference expected;
    };
    const std::vector<Case> cases = {
        {[](auto& run) { run.status = "failed"; }, {"status", "success", "failed"}},
        {[](auto& run) { run.manifest.revision = "b"; }, {"commit", std::string(40, 'a'), "b"}},
        {[](auto& run) { run.manifest.executor = "podman"; }, {"executor", "docker", "podman"}},
        {[](auto& run) { run.manifest.images[0].digest = "sha256:two"; },
         {"image 0", "node:20 sha256:one", "node:20 sha256:two"}},
        {[](auto& run) { run.manifest.images.clear(); }, {"image 0", "node:20 sha256:one", "-"}},
        {[](auto& run) { run.manifest.resources.memory_mb = 5; },
         {"limits", "0 millicpus, 0 MB, 0 ms", "0 millicpus, 5 MB, 0 ms"}},
        {[](auto& run) { run.manifest.job.environment[0].value = "slow"; }, {"variable MODE", "fast", "slow"}},
        {[](auto& run) { run.manifest.secrets.clear(); }, {"variable TOKEN", "(secret)", "-"}},
        {[](auto& run) { run.manifest.caches[0].found->blob = "b9"; }, {"cache of step 103", "k-1 b1", "k-1 b9"}},
        {[](auto& run) { run.manifest.caches[0].found.reset(); }, {"cache of step 103", "k-1 b1", "none"}},
        {[](auto& run) { run.manifest.caches[0].restored = false; },
         {"cache of step 103", "k-1 b1", "k-1 b1 (not restored)"}},
        {[](auto& run) { run.manifest.workspaces[0].layers[0].blob = "b9"; },
         {"workspace layer build[0].0", "b2", "b9"}},
        {[](auto& run) { run.steps[0].exit_code = 7; },
         {"end of step 102 (make)", "success, exit code 0", "success, exit code 7"}},
        {[](auto& run) { run.manifest.agent = "2"; }, {"agent", "", "2"}},
    };
    for (const auto& [change, expected] : cases) EXPECT_THAT(after(change), ElementsAre(expected)) << expected.what;
}

TEST(Differences, show_a_step_that_says_something_else_and_one_that_came) {
    const auto found = after([](JobRun& run) {
        std::get<RunStep>(run.manifest.job.steps[1]).command = "make all";
        run.manifest.job.steps.emplace_back(StoreArtifactsStep{.path = "x"});
    });
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].what, "step 102");
    EXPECT_EQ(found[1].what, "step 103");
    EXPECT_EQ(found[1].before, "-");
}

TEST(Differences, of_times_are_told_apart_and_only_of_what_ran_in_both) {
    auto later = example();
    later.steps[0].run_time_ms = 2000;
    later.steps.push_back({.index = 103, .name = "new"});
    EXPECT_THAT(durations(example(), later), ElementsAre(Difference{"step 102 (make)", "1.0 s", "2.0 s"}));
    EXPECT_THAT(durations(later, example()), ElementsAre(Difference{"step 102 (make)", "2.0 s", "1.0 s"}));
}

}  // namespace
}  // namespace gyre::apps
