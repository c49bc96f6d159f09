// Parameters, pipeline values and the config that a setup workflow hands over, from the trigger to the workflows.

#include <gmock/gmock.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/test_world.h"

namespace gyre::conductor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* setup_config = R"(
version: 2.1
setup: true
parameters:
  deploy: {type: boolean, default: false}
  level: {type: integer, default: 1}
jobs:
  choose:
    docker: [{image: "debian:12"}]
    steps: [{run: "number << pipeline.number >> level << pipeline.parameters.level >>"}]
workflows:
  setup: {jobs: [choose]}
)";

constexpr const char* continued_config = R"(
version: 2.1
parameters:
  deploy: {type: boolean, default: false}
  target: {type: string, default: none}
jobs:
  build:
    docker: [{image: "debian:12"}]
    steps: [{run: "build << pipeline.parameters.target >> of << pipeline.number >>"}]
  ship:
    docker: [{image: "debian:12"}]
    steps: [{run: ship}]
workflows:
  main:
    jobs: [build]
  release:
    when: << pipeline.parameters.deploy >>
    jobs: [ship, build]
)";

using ConductorTest = World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

class ContinuationTest : public ConductorTest {
protected:
    PipelineId trigger(const std::string& id, const PipelineParameters& parameters = {}) {
        Trigger asked = push(id);
        asked.parameters = parameters;
        return conductor.trigger(asked).value();
    }
    Pipeline stored(const PipelineId& id) { return stores.workflow_store().load_pipeline(id).value(); }
    std::vector<std::string> workflows(const PipelineId& id) {
        std::vector<std::string> names;
        const auto ids = stores.pipeline_reads().workflows_of(id);
        for (const auto& workflow : *ids) names.push_back(stores.workflow_store().load(workflow)->name);
        return names;
    }
    static std::string command(const Pipeline& pipeline, std::size_t job) {
        return std::get<RunStep>(pipeline.plan.jobs.at(job).steps.at(0)).command;
    }
    static std::string said(const Pipeline& pipeline) {
        std::string all;
        for (const auto& error : pipeline.errors) all += error.message;
        return all;
    }
    PipelineId setup(const PipelineParameters& parameters = {}) {
        git.config = setup_config;
        return trigger("setup", parameters);
    }
    // By another server, which sees the setup workflow alone.
    void cancel_during_the_next_commit(const PipelineId& id) {
        stores.trouble().before([this, setting_up = workflow_of(id).id](std::string_view operation) {
            if (operation != "workflow_store.commit" || canceled_) return;
            canceled_ = true;
            ASSERT_TRUE(other_.cancel_workflow(setting_up, "bob").ok());
        });
    }
    Workflow main_of(const PipelineId& id) {
        return stores.workflow_store().load(stores.pipeline_reads().workflows_of(id)->at(1)).value();
    }

private:
    Conductor other_{{stores.workflow_store(), stores.project_store(), git, live, clock, bell, [] {}}};
    bool canceled_ = false;
};

TEST_F(ContinuationTest, the_config_knows_the_number_and_the_parameters) {
    git.config = setup_config;
    Trigger asked = push("asked");
    asked.parameter_texts = {{"level", "3"}, {"deploy", "true"}};
    const auto pipeline = stored(conductor.trigger(asked).value());
    EXPECT_EQ(command(pipeline, 0), "number 1 level 3") << said(pipeline);
    EXPECT_EQ(command(stored(trigger("again", {{"level", 5}})), 0), "number 2 level 5");
}

TEST_F(ContinuationTest, a_parameter_that_nobody_declared_or_of_another_type_is_an_error_of_the_pipeline) {
    git.config = setup_config;
    for (const PipelineParameters& wrong : {PipelineParameters{{"colour", "red"}}, {{"level", "three"}}}) {
        const auto pipeline = stored(trigger("wrong " + wrong.begin()->first, wrong));
        EXPECT_EQ(pipeline.state, PipelineState::errored);
        EXPECT_THAT(said(pipeline), HasSubstr(wrong.begin()->first));
    }
}

TEST_F(ContinuationTest, the_config_handed_over_runs_in_the_same_pipeline) {
    const auto id = setup({{"deploy", true}});
    EXPECT_EQ(stored(id).state, PipelineState::setup_pending);
    EXPECT_THAT(workflows(id), ElementsAre("setup"));
    const auto done = conductor.continue_pipeline({id, continued_config, {{"target", "prod"}}});
    ASSERT_TRUE(done.ok()) << done.error().message;
    const auto pipeline = stored(id);
    EXPECT_EQ(pipeline.state, PipelineState::created);
    EXPECT_THAT(workflows(id), ElementsAre("setup", "main", "release"));
    const auto release = stores.workflow_store().load(stores.pipeline_reads().workflows_of(id)->at(2)).value();
    EXPECT_EQ(release.jobs.at(1).number, 4);
    EXPECT_EQ(command(pipeline, static_cast<std::size_t>(release.jobs.at(1).spec)), "build prod of 1");
    EXPECT_EQ(pipeline.continuation->config_source, continued_config);
    EXPECT_EQ(stores.task_queue().queued(10)->size(), 4U);
}

TEST_F(ContinuationTest, the_same_again_changes_nothing_and_another_config_is_refused) {
    const auto id = setup();
    const HandedOver handed{id, continued_config, {}};
    ASSERT_TRUE(conductor.continue_pipeline(handed).ok());
    ASSERT_TRUE(conductor.continue_pipeline(handed).ok());
    EXPECT_THAT(workflows(id), ElementsAre("setup", "main"));
    EXPECT_EQ(conductor.continue_pipeline({id, two_jobs, {}}).error().fault, Fault::conflict);
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {{"target", "x"}}}).error().fault, Fault::conflict);
}

TEST_F(ContinuationTest, errors_of_the_config_handed_over_are_answered_and_stay_with_the_pipeline) {
    const auto id = setup();
    for (int again = 0; again < 2; ++again) {
        const auto refused = conductor.continue_pipeline({id, "version: 2.1\nsetup: true\njobs: {}\n", {}});
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().fault, Fault::invalid);
        EXPECT_THAT(refused.error().message, HasSubstr("config.yml:2"));
    }
    EXPECT_EQ(stored(id).state, PipelineState::errored);
    EXPECT_THAT(said(stored(id)), HasSubstr("setup"));
    EXPECT_THAT(workflows(id), ElementsAre("setup"));
}

TEST_F(ContinuationTest, a_parameter_of_the_trigger_cannot_be_given_again) {
    const auto id = setup({{"deploy", true}});
    const auto refused = conductor.continue_pipeline({id, continued_config, {{"deploy", false}}});
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message, HasSubstr("Conflicting pipeline parameters"));
    EXPECT_TRUE(conductor.continue_pipeline({id, continued_config, {}}).ok()) << "the key is good still";
}

TEST_F(ContinuationTest, after_six_hours_it_is_too_late) {
    const auto id = setup();
    clock.advance(std::chrono::hours{6} + Duration{1});
    const auto late = conductor.continue_pipeline({id, continued_config, {}});
    ASSERT_FALSE(late.ok());
    EXPECT_THAT(late.error().message, HasSubstr("6 hours"));
}

TEST_F(ContinuationTest, a_pipeline_that_was_canceled_is_not_continued_unless_it_runs_again) {
    const auto id = setup();
    const Workflow setting_up = workflow_of(id);
    ASSERT_TRUE(conductor.cancel_workflow(setting_up.id, "bob").ok());
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {}}).error().fault, Fault::conflict);
    EXPECT_THAT(workflows(id), ElementsAre("setup"));
    ASSERT_TRUE(conductor.rerun(setting_up.id, RerunKind::from_start, "bob").ok());
    EXPECT_TRUE(conductor.continue_pipeline({id, continued_config, {}}).ok());
    EXPECT_THAT(workflows(id), ElementsAre("setup", "setup", "main"));
}

TEST_F(ContinuationTest, a_cancel_that_comes_while_it_is_continued_takes_what_started) {
    const auto id = setup();
    cancel_during_the_next_commit(id);
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {}}).error().fault, Fault::conflict);
    ASSERT_THAT(workflows(id), ElementsAre("setup", "main"));
    EXPECT_EQ(main_of(id).status, WorkflowStatus::canceled);
}

TEST_F(ContinuationTest, such_a_cancel_that_fails_is_made_up_for_when_the_call_comes_again) {
    const auto id = setup();
    cancel_during_the_next_commit(id);
    stores.trouble().on("workflow_store.commit", 3, memory::Mishap::fails);  // the continuation, its cancel, and this
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {}}).error().fault, Fault::unavailable);
    EXPECT_EQ(main_of(id).status, WorkflowStatus::running);
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {}}).error().fault, Fault::conflict);
    EXPECT_EQ(main_of(id).status, WorkflowStatus::canceled);
}

TEST_F(ContinuationTest, such_a_cancel_that_fails_is_made_up_for_also_when_nobody_calls_again) {
    const auto id = setup();
    cancel_during_the_next_commit(id);
    stores.trouble().on("workflow_store.commit", 3, memory::Mishap::fails);
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {}}).error().fault, Fault::unavailable);
    carry_out_effects();
    EXPECT_EQ(main_of(id).status, WorkflowStatus::canceled);
}

TEST_F(ContinuationTest, what_was_handed_over_by_a_setup_that_nobody_canceled_runs_on) {
    const auto id = setup();
    ASSERT_TRUE(conductor.continue_pipeline({id, continued_config, {}}).ok());
    carry_out_effects();
    EXPECT_EQ(main_of(id).status, WorkflowStatus::running);
}

TEST_F(ContinuationTest, a_pipeline_without_setup_takes_no_config) {
    const auto id = conductor.trigger(push()).value();
    EXPECT_EQ(conductor.continue_pipeline({id, continued_config, {}}).error().fault, Fault::conflict);
    EXPECT_EQ(conductor.continue_pipeline({{"none"}, continued_config, {}}).error().fault, Fault::not_found);
}

}  // namespace
}  // namespace gyre::conductor
