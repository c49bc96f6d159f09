#include "agent/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/attempt_harness.h"
#include "base/digest.h"

namespace gyre::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

JobManifest told(const testing::World& world) {
    auto manifest = read_manifest(world.gateway.manifest);
    EXPECT_TRUE(manifest.ok()) << manifest.error().message;
    return manifest ? *manifest : JobManifest{};
}

std::string as_it_is(const std::string& text) { return text; }

TEST(Manifest, tells_what_an_attempt_ran_with) {
    testing::World world;
    world.assignment.source.project_slug = "git/shop";
    world.assignment.source.revision = std::string(40, 'a');
    world.assignment.secrets = {{"TOKEN", "s3cr3t-t0ken"}};
    world.assignment.built_in = {{"CI", "true"}};
    world.assignment.task_total = 3;
    world.run("true").run("exit 3").start();
    const auto manifest = told(world);
    EXPECT_EQ(world.assignment.attempt, manifest.attempt);
    EXPECT_EQ("git/shop", manifest.project_slug);
    EXPECT_EQ(std::string(40, 'a'), manifest.revision);
    EXPECT_EQ(3, manifest.task_total);
    EXPECT_EQ("plain", manifest.executor);
    EXPECT_EQ(GYRE_VERSION, manifest.agent);
    EXPECT_THAT(manifest.system, HasSubstr("Linux "));
    EXPECT_EQ(world.assignment.job, manifest.job);
    EXPECT_EQ(world.assignment.resources, manifest.resources);
    EXPECT_EQ(world.assignment.limits.job_ms, manifest.job_ms);
    EXPECT_EQ(world.assignment.built_in, manifest.built_in);
    EXPECT_THAT(manifest.secrets, ElementsAre("TOKEN"));
    EXPECT_FALSE(manifest.masked);
    EXPECT_FALSE(manifest.incomplete);
}

TEST(Manifest, tells_which_caches_were_asked_for_and_found) {
    testing::World world;
    world.gateway.caches = {{.key = "deps-1", .blob = sha256_hex("lost"), .size = 4}};
    world.step(RestoreCacheStep{.keys = {"none-"}}).step(RestoreCacheStep{.keys = {"other", "deps-"}}).start();
    const auto caches = told(world).caches;
    ASSERT_THAT(caches, SizeIs(2));
    EXPECT_EQ(101, caches[0].step);
    EXPECT_THAT(caches[0].keys, ElementsAre("none-"));
    EXPECT_FALSE(caches[0].found.has_value());
    EXPECT_EQ(102, caches[1].step);
    ASSERT_TRUE(caches[1].found.has_value());
    EXPECT_EQ("deps-1", caches[1].found->key);
    EXPECT_EQ(sha256_hex("lost"), caches[1].found->blob);
    EXPECT_FALSE(caches[1].restored) << "its bytes are not there";
}

TEST(Manifest, tells_the_layers_that_were_attached_in_the_order_of_their_jobs) {
    testing::World world;
    world.run("mkdir shared && echo hello > shared/file")
        .step(PersistToWorkspaceStep{.root = ".", .paths = {"shared"}})
        .step(AttachWorkspaceStep{.at = "there"})
        .start();
    EXPECT_EQ("succeeded", world.how());
    const auto workspaces = told(world).workspaces;
    ASSERT_THAT(workspaces, SizeIs(1));
    EXPECT_EQ(103, workspaces[0].step);
    ASSERT_THAT(workspaces[0].layers, SizeIs(1));
    EXPECT_EQ(world.gateway.layers[0].blob, workspaces[0].layers[0].blob);
}

TEST(Manifest, holds_no_secret_wherever_it_stands) {
    testing::World world;
    world.assignment.secrets = {{"TOKEN", "s3cr3t-t0ken"}};
    world.assignment.built_in = {{"CIRCLE_BRANCH", "try-s3cr3t-t0ken"}};
    world.assignment.job.environment = {{"COPY", "s3cr3t-t0ken"}};
    ContainerSpec container{.image = "x/s3cr3t-t0ken"};
    container.auth = RegistryAuth{.username = "me", .password = "pw1"};
    world.assignment.job.executor = DockerExecutor{{container}};
    world.run("echo s3cr3t-t0ken").start();
    EXPECT_THAT(world.gateway.manifest, Not(HasSubstr("s3cr3t-t0ken")));
    EXPECT_THAT(world.gateway.manifest, Not(HasSubstr("pw1"))) << "too short to be masked, and a password";
    EXPECT_TRUE(told(world).masked);
}

TEST(Manifest, names_the_variable_that_a_registry_s_password_comes_from) {
    wire::Assignment assignment;
    ContainerSpec container{.image = "x"};
    container.auth = RegistryAuth{.username = "$USER_NAME", .password = "$PASSWORD"};
    assignment.job.executor = DockerExecutor{{container}};
    const auto manifest = read_manifest(manifest_text(begin_manifest(assignment), as_it_is));
    EXPECT_EQ(assignment.job, manifest->job);
    EXPECT_FALSE(manifest->masked);
}

TEST(Manifest, holds_no_password_that_only_looks_like_a_variable) {
    const auto kept = [](const std::string& password) {
        wire::Assignment assignment;
        ContainerSpec container{.image = "x"};
        container.auth = RegistryAuth{.username = "me", .password = password};
        assignment.job.executor = DockerExecutor{{container}};
        const std::string text = manifest_text(begin_manifest(assignment), as_it_is);
        EXPECT_EQ(read_manifest(text)->masked, text.find(password) == std::string::npos) << password;
        return text.find(password) != std::string::npos;
    };
    for (const char* variable : {"$PASSWORD", "${PASSWORD}", "$_p4", "${p}"}) EXPECT_TRUE(kept(variable)) << variable;
    for (const char* password : {"pa$sword", "$pa$sword", "$", "${", "${}", "$9lives", "${PASSWORD}x", "$PASS-WORD",
                                 "x$PASSWORD", "$PASSWORD ", "${A}${B}", "$({x", "${PASS WORD}", "$\xc3\xa4"})
        EXPECT_FALSE(kept(password)) << password;
}

TEST(Manifest, stays_readable_when_a_secret_looks_like_a_part_of_a_hash_or_like_a_kind) {
    wire::Assignment assignment;
    assignment.job.steps = {CheckoutStep{}, RunStep{.name = "n", .command = "always", .when = StepCondition::always}};
    auto manifest = begin_manifest(assignment);
    manifest.caches = {{.step = 101, .keys = {"k"}, .found = CacheEntry{.key = "k", .blob = std::string(64, 'a')}}};
    const auto mask = [](const std::string& text) {
        for (const char* secret : {"aaaa", "always", "checkout", "full"}) {
            if (text.find(secret) != std::string::npos) return std::string("****");
        }
        return text;
    };
    const auto read = read_manifest(manifest_text(manifest, mask));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(std::string(64, 'a'), read->caches[0].found->blob);
    EXPECT_EQ("****", std::get<RunStep>(read->job.steps[1]).command);
    EXPECT_TRUE(read->masked);
}

TEST(Manifest, leaves_out_what_makes_it_too_large_and_says_so) {
    wire::Assignment assignment;
    assignment.job.steps = {RunStep{.name = "n", .command = std::string(largest_manifest, 'x')}};
    const auto read = read_manifest(manifest_text(begin_manifest(assignment), as_it_is));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_TRUE(read->incomplete);
    EXPECT_TRUE(read->job.steps.empty());
    assignment.built_in = {{"HUGE", std::string(largest_manifest, 'x')}};
    EXPECT_EQ("", manifest_text(begin_manifest(assignment), as_it_is)) << "none at all";
}

TEST(Manifest, of_a_job_that_found_no_place_to_run_is_told_too) {
    testing::World world;
    world.no_executor = unavailable("there is none");
    world.run("true").start();
    EXPECT_EQ("", told(world).executor);
}

TEST(Replay, says_what_is_not_as_it_was_and_leaves_out_steps) {
    testing::World world;
    world.assignment.replay = wire::Replay{.notes = {"TOKEN is not here"}, .left_out = {0, 2}};
    world.run("echo one").run("echo two").run("echo three").start();
    EXPECT_THAT(world.gateway.outputs[0], HasSubstr("TOKEN is not here\n"));
    EXPECT_EQ(StepStatus::skipped, world.record(0).status);
    EXPECT_EQ("two\n", world.output(1));
    EXPECT_EQ(StepStatus::skipped, world.record(2).status);
    EXPECT_EQ("succeeded", world.how());
}

TEST(Replay, gives_steps_the_caches_and_layers_that_the_job_had_then) {
    testing::World world;
    world.run("mkdir there && echo cached > there/file")
        .step(SaveCacheStep{.key = "then", .paths = {"there"}})
        .step(PersistToWorkspaceStep{.root = ".", .paths = {"there"}})
        .start();
    ASSERT_EQ("succeeded", world.how());
    const CacheEntry then = world.gateway.caches.at(0);
    const WorkspaceLayer layer = world.gateway.layers.at(0);
    world.gateway.caches = {{.key = "now", .blob = sha256_hex("another")}};
    world.gateway.layers.clear();
    world.next_job();
    world.assignment.replay = wire::Replay{
        .notes = {},
        .left_out = {},
        .caches = {{.step = 102, .keys = {"now"}, .found = {}}, {.step = 103, .keys = {"now"}, .found = then}},
        .workspaces = {{.step = 104, .layers = {layer}, .jobs = {{layer.job, {}}}}}};
    world.run("rm -r there")
        .step(RestoreCacheStep{.keys = {"now"}})
        .step(RestoreCacheStep{.keys = {"other"}})
        .step(AttachWorkspaceStep{.at = "attached"})
        .run("cat there/file attached/there/file")
        .start();
    EXPECT_EQ("cached\ncached\n", world.output(4));
    EXPECT_THAT(world.output(1), HasSubstr("No cache is found")) << "none was found then";
    EXPECT_THAT(world.output(2), HasSubstr("others than when the job ran"));
    EXPECT_EQ(layer.blob, told(world).workspaces.at(0).layers.at(0).blob);
}

}  // namespace
}  // namespace gyre::agent
