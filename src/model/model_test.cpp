#include <gtest/gtest.h>

#include "base/json.h"
#include "model/attempt_name.h"
#include "model/contexts.h"
#include "model/continuation_key.h"
#include "model/effect.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/project.h"
#include "model/resource_class.h"
#include "model/workflow.h"

namespace gyre {
namespace {

TEST(Plan, survives_storage) {
    Plan plan;
    JobSpec job{.name = "build",
                .executor = DockerExecutor{{ContainerSpec{.image = "debian:12", .auth = RegistryAuth{"u", "$P"}}}}};
    job.steps = {CheckoutStep{}, RunStep{.name = "make", .command = "make", .when = StepCondition::always},
                 SaveCacheStep{.key = "k", .paths = {"a"}}};
    plan.jobs = {job};
    plan.workflows = {
        {"main", {{.name = "build", .spec = 0}, {.name = "hold", .type = JobType::approval, .requires_ = {"build"}}}}};
    const auto back = from_json_text<Plan>(to_json_text(plan));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, plan);
}

TEST(Contexts, of_a_continued_pipelines_job_are_not_those_of_the_setups_job_of_its_name) {
    Plan plan;
    plan.jobs.resize(2);
    plan.workflows = {{"build", {{.name = "build", .spec = 0, .contexts = {"setup"}}}},
                      {"build", {{.name = "build", .spec = 1, .contexts = {"aws", "deploy"}}}}};
    const auto of = [&](const std::string& job, int spec) {
        return contexts_of(plan, "build", WorkflowJob{.name = job, .spec = spec});
    };
    EXPECT_EQ(of("build", 0), std::vector<std::string>{"setup"});
    EXPECT_EQ(of("build", 1), (std::vector<std::string>{"aws", "deploy"}));
    EXPECT_TRUE(of("build", 2).empty());
    EXPECT_TRUE(of("test", 0).empty());
}

TEST(Event, survives_storage) {
    const Event event = TaskFinished{{{"j"}, 1, 2}, Failed{"step 'x' exited with code 1"}};
    const auto back = from_json_text<Event>(to_json_text(event));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(to_json_text(*back), to_json_text(event));
    EXPECT_EQ(std::get<TaskFinished>(*back).attempt.id().text, "j-1-a2");
}

TEST(PublicRemote, keeps_secrets_of_urls_to_itself) {
    EXPECT_EQ(public_remote("https://user:s3cret@host/a.git"), "https://host/a.git");
    EXPECT_EQ(public_remote("https://token@host:8443/a@b"), "https://host:8443/a@b");
    for (const char* as_is : {"https://host/a@b.git", "ssh://git@host/a", "git@host:a/b.git", "/srv/a.git"}) {
        EXPECT_EQ(public_remote(as_is), as_is);
    }
}

TEST(ResourceClass, finds_by_name_and_by_default) {
    EXPECT_EQ(find_resources(ExecutorKind::docker, "large")->millicpus, 4000);
    EXPECT_EQ(find_resources(ExecutorKind::docker, ""), find_resources(ExecutorKind::docker, "medium"));
    EXPECT_FALSE(find_resources(ExecutorKind::machine, "small"));
}

TEST(Attempts, are_found_in_their_workflow) {
    Workflow workflow{.jobs = {WorkflowJob{.id = {"a"}}, WorkflowJob{.id = {"b"}}}};
    workflow.jobs[1].tasks = {Task{}, Task{.attempts = {Attempt{.number = 1}, Attempt{.number = 2}}}};
    EXPECT_EQ(find_attempt(workflow, {{"b"}, 1, 2}), &workflow.jobs[1].tasks[1].attempts[1]);
    for (const AttemptRef& none :
         std::vector<AttemptRef>{{{"b"}, 1, 3}, {{"b"}, 2, 1}, {{"b"}, -1, 1}, {{"a"}, 0, 1}, {{"c"}, 0, 1}})
        EXPECT_EQ(find_attempt(workflow, none), nullptr) << none.id().text;
}

TEST(AttemptIds, are_read_back) {
    const AttemptRef attempt{{"11111111-2222-4333-8444-555555555555"}, 3, 2};
    EXPECT_EQ(parse_attempt_id(attempt.id().text), attempt);
    for (const char* bad :
         {"", "-", "a", "-0-a1", "x-a1", "x--a1", "x-0-a", "x-0-a0", "x-0-a-1", "x-0-a1x", "x-99999999999-a1"}) {
        EXPECT_EQ(parse_attempt_id(bad), std::nullopt) << bad;
    }
}

TEST(ContinuationKeys, open_their_pipeline_alone) {
    const std::string key = continuation_key("secret", {"11111111-2222-4333-8444-555555555555"});
    EXPECT_EQ(pipeline_of_key("secret", key), PipelineId{"11111111-2222-4333-8444-555555555555"});
    std::string other = key;
    other.front() = '2';
    for (const std::string& wrong :
         {std::string(), other, key + "0", key.substr(1), key.substr(37), std::string(10'000, 'a')})
        EXPECT_FALSE(pipeline_of_key("secret", wrong)) << wrong.substr(0, 100);
    EXPECT_FALSE(pipeline_of_key("another secret", key));
}

}  // namespace
}  // namespace gyre
