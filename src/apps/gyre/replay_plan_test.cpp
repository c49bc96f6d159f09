#include "apps/gyre/replay_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gyre::apps {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

JobManifest example() {
    JobManifest manifest;
    manifest.job.steps = {CheckoutStep{},
                          RestoreCacheStep{},
                          RunStep{.name = "install", .command = "npm ci"},
                          RunStep{.name = "database", .command = "db", .background = true},
                          AttachWorkspaceStep{},
                          SaveCacheStep{},
                          RunStep{.name = "test", .command = "npm test"},
                          StoreArtifactsStep{}};
    manifest.secrets = {"TOKEN", "OTHER"};
    return manifest;
}

TEST(ReplayPlan, runs_every_step_unless_it_is_told_where_to_begin) {
    EXPECT_THAT(plan_replay(example(), {})->replay.left_out, IsEmpty());
    for (const char* from : {"107", "test"})
        EXPECT_THAT(plan_replay(example(), {.from = from})->replay.left_out, ElementsAre(2, 5)) << from;
    EXPECT_THAT(plan_replay(example(), {.from = "101"})->replay.left_out, IsEmpty());
}

TEST(ReplayPlan, stops_before_a_step_for_a_shell_in_its_place) {
    EXPECT_THAT(plan_replay(example(), {.from = "test", .shell = true})->replay.left_out, ElementsAre(2, 5, 6, 7));
    EXPECT_THAT(plan_replay(example(), {.shell = true})->replay.left_out, IsEmpty());
}

TEST(ReplayPlan, refuses_a_step_that_is_not_there_or_there_twice_and_says_which_are) {
    auto manifest = example();
    manifest.job.steps.push_back(RunStep{.name = "test", .command = "again"});
    for (const auto& [from, said] :
         std::vector<std::pair<std::string, std::string>>{{"test", "several"},
                                                          {"tset", "no step 'tset'"},
                                                          {"100", "no step"},
                                                          {"110", "no step"},
                                                          {"-1", "no step"},
                                                          {"99999999999999999999", "no step"},
                                                          {"107x", "no step"}}) {
        const auto plan = plan_replay(manifest, {.from = from});
        ASSERT_FALSE(plan.ok()) << from;
        EXPECT_EQ(plan.error().fault, Fault::invalid);
        EXPECT_THAT(plan.error().message, HasSubstr(said));
        EXPECT_THAT(plan.error().message, HasSubstr("109  test"));
    }
}

TEST(ReplayPlan, takes_secrets_that_are_given_and_names_the_rest) {
    const auto plan = *plan_replay(example(), {.secrets = {{"TOKEN", "given"}}});
    EXPECT_THAT(plan.secrets, ElementsAre(EnvVar{"TOKEN", "given"}));
    EXPECT_THAT(plan.missing, ElementsAre("OTHER"));
    EXPECT_THAT(plan.replay.notes, ElementsAre(HasSubstr("--secret OTHER=@FILE")));
    EXPECT_THAT(plan_replay(example(), {.secrets = {{"TOKNE", "x"}}}).error().message, HasSubstr("no secret TOKNE"));
}

TEST(ReplayPlan, does_not_run_what_only_the_first_of_several_tasks_does) {
    auto manifest = example();
    std::get<RunStep>(manifest.job.steps[6]).deploy = true;
    EXPECT_THAT(plan_replay(manifest, {})->replay.left_out, IsEmpty());
    manifest.attempt.task = 1;
    EXPECT_THAT(plan_replay(manifest, {})->replay.left_out, ElementsAre(6));
}

TEST(ReplayPlan, says_that_something_is_masked_and_refuses_a_manifest_that_is_not_whole) {
    auto manifest = example();
    manifest.secrets.clear();
    manifest.masked = true;
    EXPECT_THAT(plan_replay(manifest, {})->replay.notes, SizeIs(1));
    manifest.incomplete = true;
    EXPECT_FALSE(plan_replay(manifest, {}).ok());
}

TEST(ReplayPlan, pins_images_by_the_digests_that_they_had) {
    const std::string digest = "sha256:abc";
    for (const auto& [reference, pinned] : std::vector<std::pair<std::string, std::string>>{
             {"debian", "debian@sha256:abc"},
             {"debian:12", "debian@sha256:abc"},
             {"cimg/node:20.1", "cimg/node@sha256:abc"},
             {"registry.test:5000/a/b", "registry.test:5000/a/b@sha256:abc"},
             {"registry.test:5000/a/b:1", "registry.test:5000/a/b@sha256:abc"},
             {"a@sha256:old", "a@sha256:abc"}})
        EXPECT_EQ(pinned_image(reference, digest), pinned);
    EXPECT_EQ(pinned_image("built-here:1", ""), "built-here:1");

    auto manifest = example();
    manifest.job.executor = DockerExecutor{{ContainerSpec{.image = "debian:12"}, ContainerSpec{.image = "db:1"}}};
    manifest.images = {{"debian:12", "id", digest}, {"db:1", "id", ""}};
    const auto image_of = [&](const ReplayWish& wish, std::size_t i) {
        return std::get<DockerExecutor>(plan_replay(manifest, wish)->job.executor).containers[i].image;
    };
    EXPECT_EQ(image_of({}, 0), "debian@sha256:abc");
    EXPECT_EQ(image_of({}, 1), "db:1");
    EXPECT_EQ(image_of({.by_tag = true}, 0), "debian:12");
}

TEST(ReplayPlan, makes_the_assignment_what_it_was) {
    auto manifest = example();
    manifest.build_number = 42;
    manifest.task_total = 3;
    manifest.built_in = {{"CIRCLE_NODE_INDEX", "2"}};
    manifest.project_slug = "git/shop";
    manifest.revision = std::string(40, 'a');
    wire::Assignment assignment;
    assignment.source.remote = "/here.git";
    apply_replay(manifest, *plan_replay(manifest, {}), assignment);
    EXPECT_EQ(assignment.job, manifest.job);
    EXPECT_EQ(assignment.build_number, 42);
    EXPECT_EQ(assignment.task_total, 3);
    EXPECT_EQ(assignment.built_in, manifest.built_in);
    EXPECT_EQ(assignment.source.remote, "/here.git");
    EXPECT_EQ(assignment.source.project_slug, "git/shop");
    EXPECT_TRUE(assignment.replay.has_value());
}

}  // namespace
}  // namespace gyre::apps
