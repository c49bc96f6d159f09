#include "conductor/compile_input.h"

#include <gtest/gtest.h>

namespace gyre::conductor {
namespace {

Pipeline pipeline() {
    Pipeline made{.id = {"5b0"}, .number = 7};
    made.trigger = {.kind = TriggerKind::webhook, .branch = "main", .revision = std::string(40, 'a')};
    made.trigger.commit.subject = "Fix it";
    made.trigger.base_revision = std::string(40, 'b');
    return made;
}
Project project() { return {.slug = "gh/acme/shop", .remote = "https://me:secret@github.com/acme/shop.git"}; }

std::string text(const config::CompileInput& input, const std::string& name) {
    const auto found = input.values.find(name);
    if (found == input.values.end()) return "absent";
    const auto* text = std::get_if<std::string>(&found->second);
    return text ? *text : "not a text";
}

TEST(CompileInput, knows_the_pipelines_values) {
    auto shop = project();
    shop.default_branch = "main";
    const auto input = compile_input(pipeline(), shop);
    EXPECT_EQ(input.branch, "main");
    EXPECT_EQ(text(input, "id"), "5b0");
    EXPECT_EQ(input.values.at("number"), config::Scalar(std::int64_t{7}));
    EXPECT_EQ(input.values.at("git.branch.is_default"), config::Scalar(true));
    EXPECT_EQ(text(input, "project.slug"), "gh/acme/shop");
    EXPECT_EQ(text(input, "project.type"), "github");
    EXPECT_EQ(text(input, "git.repo_owner"), "acme");
    EXPECT_EQ(text(input, "git.repo_name"), "shop");
    EXPECT_EQ(text(input, "git.revision"), std::string(40, 'a'));
    EXPECT_EQ(text(input, "git.base_revision"), std::string(40, 'b'));
    EXPECT_EQ(text(input, "git.commit.subject"), "Fix it");
    EXPECT_EQ(text(input, "git.commit.body"), "absent");
    EXPECT_EQ(text(input, "git.commit.url"), "https://github.com/acme/shop/commit/" + std::string(40, 'a'));
    EXPECT_EQ(text(input, "trigger_source"), "webhook");
    EXPECT_EQ(text(input, "trigger.received_at"), "1970-01-01T00:00:00.000Z");
}

TEST(CompileInput, tells_no_credentials) {
    const auto input = compile_input(pipeline(), project());
    for (const auto& [name, value] : input.values) {
        const auto* said = std::get_if<std::string>(&value);
        EXPECT_TRUE(said == nullptr || said->find("secret") == std::string::npos) << name;
    }
    EXPECT_EQ(text(input, "project.git_url"), "https://github.com/acme/shop.git");
}

TEST(CompileInput, of_a_plain_remote_and_a_tag_leaves_out_what_there_is_not) {
    auto tagged = pipeline();
    tagged.trigger.branch.clear();
    tagged.trigger.tag = "v1";
    tagged.trigger.kind = TriggerKind::schedule;
    const auto input = compile_input(tagged, {.slug = "git/app", .remote = "/srv/app.git", .default_branch = "main"});
    EXPECT_EQ(input.values.at("git.branch.is_default"), config::Scalar(false));
    EXPECT_EQ(text(input, "git.repo_owner"), "absent");
    EXPECT_EQ(text(input, "git.commit.url"), "absent");
    EXPECT_EQ(text(input, "project.type"), "git");
    EXPECT_EQ(text(input, "trigger_source"), "scheduled_pipeline");
}

TEST(CompileInput, of_a_tick_names_its_schedule_and_its_workflow) {
    EXPECT_EQ(compile_input(pipeline(), project()).workflow, "");
    EXPECT_EQ(text(compile_input(pipeline(), project()), "schedule.name"), "absent");
    auto scheduled = pipeline();
    scheduled.trigger.kind = TriggerKind::schedule;
    scheduled.trigger.only_workflow = "nightly";
    scheduled.trigger.schedule_id = "s-1";
    scheduled.trigger.schedule_name = "nightly";
    const auto input = compile_input(scheduled, project());
    EXPECT_EQ(input.workflow, "nightly");
    EXPECT_EQ(text(input, "schedule.id"), "s-1");
    EXPECT_EQ(text(input, "schedule.name"), "nightly");
    EXPECT_EQ(text(input, "trigger_source"), "scheduled_pipeline");
}

TEST(CompileInput, carries_the_parameters_of_trigger_and_continuation) {
    auto given = pipeline();
    given.trigger.parameters = {{"deploy", true}, {"count", 3}, {"name", "x"}};
    given.trigger.parameter_texts = {{"level", "5"}};
    EXPECT_FALSE(compile_input(given, project()).is_continuation);
    given.continuation = Continuation{.parameters = {{"more", "y"}}};
    const auto input = compile_input(given, project());
    EXPECT_TRUE(input.is_continuation);
    EXPECT_EQ(input.file, "continued config.yml");
    EXPECT_EQ(input.parameters.at("deploy"), config::Scalar(true));
    EXPECT_EQ(input.parameters.at("count"), config::Scalar(std::int64_t{3}));
    EXPECT_EQ(input.parameters.at("name"), config::Scalar(std::string("x")));
    EXPECT_EQ(input.parameters.at("more"), config::Scalar(std::string("y")));
    EXPECT_EQ(input.parameter_texts.at("level"), "5");
}

}  // namespace
}  // namespace gyre::conductor
