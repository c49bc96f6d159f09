#include "conductor/scheduling.h"

#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/pipeline_maker.h"
#include "conductor/test_world.h"

namespace gyre::conductor {
namespace {

constexpr const char* config = R"(
version: 2.1
jobs: {build: {machine: true, steps: [checkout]}}
workflows:
  on-push: {jobs: [build]}
  nightly:
    triggers: [{schedule: {cron: "0 3 * * *", filters: {branches: {only: main}}}}]
    jobs: [build]
  never:
    when: false
    triggers: [{schedule: {cron: "0 4 * * *", filters: {branches: {only: main}}}}]
    jobs: [build]
)";

constexpr const char* setup = R"(
version: 2.1
setup: true
jobs: {generate: {machine: true, steps: [checkout]}}
workflows: {prepare: {jobs: [generate]}}
)";

Pipeline compiled(TriggerKind kind, const std::string& workflow = "", const std::string& text = config,
                  const std::string& branch = "main") {
    Pipeline pipeline{.number = 1, .config_source = text};
    pipeline.trigger = {.kind = kind, .branch = branch, .only_workflow = workflow};
    compile_pipeline(pipeline, {.slug = "git/app", .default_branch = "main"}, {});
    return pipeline;
}

std::string workflows(const Pipeline& pipeline) {
    std::string names;
    for (const auto& one : pipeline.plan.workflows) names += (names.empty() ? "" : " ") + one.name;
    return names;
}

std::string schedules(const Pipeline& pipeline) {
    const auto found = schedules_of(pipeline);
    if (!found) return "undecided";
    std::string text = found->branch + ":";
    for (const auto& one : found->schedules) text += " " + one.workflow + " " + one.cron;
    return text;
}

TEST(Scheduling, a_branch_has_what_its_newest_config_says) {
    EXPECT_EQ(schedules(compiled(TriggerKind::webhook)), "main: nightly 0 3 * * * never 0 4 * * *");
    EXPECT_EQ(schedules(compiled(TriggerKind::webhook, "", config, "dev")), "dev:");
    EXPECT_EQ(schedules(compiled(TriggerKind::schedule, "nightly")), "main: nightly 0 3 * * * never 0 4 * * *");
    EXPECT_EQ(schedules(compiled(TriggerKind::local)), "undecided");
    EXPECT_EQ(schedules(compiled(TriggerKind::webhook, "", "nonsense")), "undecided");
    auto tagged = compiled(TriggerKind::webhook);
    tagged.trigger.branch = "";
    EXPECT_EQ(schedules(tagged), "undecided");
    auto skipped = compiled(TriggerKind::webhook);
    skipped.trigger.commit.subject = "Correct a word [ci skip]";
    EXPECT_EQ(schedules(skipped), "undecided");
    auto without = compiled(TriggerKind::webhook, "", "nonsense");
    without.plan = {};
    without.errors = {{"config-fetch", "there is no .circleci/config.yml"}};
    EXPECT_EQ(schedules(without), "main:") << "somebody has removed it";
}

TEST(Scheduling, a_push_does_not_start_what_has_a_schedule_and_a_tick_starts_nothing_else) {
    EXPECT_EQ(workflows(compiled(TriggerKind::webhook)), "on-push");
    const auto tick = compiled(TriggerKind::schedule, "nightly");
    EXPECT_EQ(workflows(tick), "nightly");
    EXPECT_EQ(tick.note, "");
    EXPECT_EQ(workflows(compiled(TriggerKind::local, "nightly")), "nightly") << "somebody asks for it by name";
}

TEST(Scheduling, a_tick_may_find_that_there_is_nothing_to_run) {
    const auto unwanted = compiled(TriggerKind::schedule, "never");
    EXPECT_EQ(workflows(unwanted), "");
    EXPECT_EQ(unwanted.state, PipelineState::created);
    EXPECT_EQ(unwanted.note, "The workflow 'never' has no jobs to run now: its condition or its filters say so.");
    const auto gone = compiled(TriggerKind::schedule, "on-push");
    EXPECT_EQ(workflows(gone), "");
    EXPECT_EQ(gone.note, "The workflow 'on-push' has no schedule on this branch any more.");
}

TEST(Scheduling, behind_a_setup_workflow_the_config_that_it_hands_over_decides) {
    auto pipeline = compiled(TriggerKind::schedule, "nightly", setup);
    EXPECT_EQ(workflows(pipeline), "prepare");
    EXPECT_EQ(schedules(pipeline), "undecided");
    compile_continuation(pipeline, {.slug = "git/app", .default_branch = "main"}, {.config_source = config}, {});
    EXPECT_EQ(workflows(pipeline), "prepare nightly");
    EXPECT_EQ(schedules(pipeline), "main: nightly 0 3 * * * never 0 4 * * *");
}

class ScheduledWorld : public World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    std::size_t schedules() { return stores.schedule_store().schedules(std::nullopt)->size(); }
    Trigger tick() const {
        Trigger trigger = push("schedule:p:main:nightly:2026-01-02T03:00:00.000Z");
        trigger.kind = TriggerKind::schedule;
        trigger.only_workflow = "nightly";
        return trigger;
    }
};

TEST_F(ScheduledWorld, schedules_are_stored_with_their_pipeline_and_a_tick_makes_one) {
    git.config = config;
    EXPECT_EQ(started().name, "on-push");
    EXPECT_EQ(schedules(), 2U);
    const auto made = conductor.trigger(tick());
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(workflow_of(*made).name, "nightly");
    EXPECT_EQ(conductor.trigger(tick()).value(), *made);
    EXPECT_EQ(stores.pipeline_reads().pipelines({})->size(), 2U);
    git.config = two_jobs;
    EXPECT_TRUE(conductor.trigger(push("push-2")).ok());
    EXPECT_EQ(schedules(), 0U);
}

TEST_F(ScheduledWorld, the_database_may_fail_at_any_moment) {
    git.config = config;
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::fails);
    EXPECT_FALSE(conductor.trigger(push()).ok());
    EXPECT_EQ(schedules(), 0U);
    stores.trouble().on("workflow_store.commit", 1, memory::Mishap::lost_answer);
    EXPECT_FALSE(conductor.trigger(push()).ok());
    EXPECT_EQ(schedules(), 2U) << "both are stored or neither";
}

}  // namespace
}  // namespace gyre::conductor
