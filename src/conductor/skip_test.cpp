#include "conductor/skip.h"

#include <gtest/gtest.h>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "conductor/test_world.h"

namespace gyre::conductor {
namespace {

Trigger saying(const std::string& subject, const std::string& body = {}) {
    Trigger trigger{.kind = TriggerKind::webhook};
    trigger.commit.subject = subject;
    trigger.commit.body = body;
    return trigger;
}

TEST(Skip, is_asked_for_anywhere_in_the_message) {
    for (const auto& asked :
         {saying("[ci skip] typo"), saying("typo [skip ci]"), saying("typo", "long\n\n[Skip CI]\n")})
        EXPECT_NE(why_skipped(asked), "") << asked.commit.subject;
    for (const auto& not_asked : {saying("skip ci"), saying("[ci-skip]"), saying("[skip  ci]"), saying("")})
        EXPECT_EQ(why_skipped(not_asked), "") << not_asked.commit.subject;
}

TEST(Skip, is_for_pushes_only) {
    for (const auto kind : {TriggerKind::api, TriggerKind::schedule, TriggerKind::local}) {
        auto trigger = saying("[ci skip]");
        trigger.kind = kind;
        EXPECT_EQ(why_skipped(trigger), "") << name_of(kind);
    }
}

using SkipTest = World<memory::MemoryStores, memory::MemoryLive, memory::ManualClock>;

TEST_F(SkipTest, makes_a_pipeline_that_runs_nothing_and_says_why) {
    git.subject = "Fix a typo [skip ci]";
    const auto id = conductor.trigger(push()).value();
    const auto pipeline = stores.workflow_store().load_pipeline(id);
    EXPECT_EQ(pipeline->state, PipelineState::created);
    EXPECT_EQ(pipeline->note, "skipped: the commit's message says [skip ci]; a request for this commit runs it");
    EXPECT_TRUE(pipeline->errors.empty());
    EXPECT_TRUE(stores.pipeline_reads().workflows_of(id)->empty());
}

TEST_F(SkipTest, does_not_look_at_the_config) {
    git.subject = "[ci skip]";
    git.config = "nonsense: [";
    const auto pipeline = stores.workflow_store().load_pipeline(conductor.trigger(push()).value());
    EXPECT_TRUE(pipeline->errors.empty());
}

TEST_F(SkipTest, a_request_for_the_commit_runs_it) {
    git.subject = "[ci skip]";
    auto request = push();
    request.kind = TriggerKind::api;
    EXPECT_EQ(stores.pipeline_reads().workflows_of(conductor.trigger(request).value())->size(), 1U);
}

}  // namespace
}  // namespace gyre::conductor
