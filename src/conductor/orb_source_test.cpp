#include "conductor/orb_source.h"

#include <gtest/gtest.h>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "base/digest.h"
#include "conductor/pipeline_maker.h"

namespace gyre::conductor {
namespace {

class OrbSourceTest : public testing::Test {
protected:
    void publish(const std::string& name, const std::string& version, const std::string& source) {
        OrbRelease release{.name = name, .version = version, .published_at = clock_.now()};
        if (is_dev_version(version)) release.expires_at = clock_.now() + dev_orb_life;
        ASSERT_TRUE(stores_.orb_store().publish(release, source));
    }
    // "1.1.0: text", or "why -> what to do".
    std::string asked(const std::string& name, const std::string& version) {
        const auto answer = registered_orbs(stores_.orb_store(), clock_)({name, version});
        if (const auto* text = std::get_if<config::OrbText>(&answer)) return text->version + ": " + text->text;
        const auto& absent = std::get<config::OrbAbsent>(answer);
        return absent.why + " -> " + absent.what_to_do;
    }

    memory::MemoryStores stores_;
    memory::ManualClock clock_{from_millis(1'700'000'000'000)};
};

TEST_F(OrbSourceTest, answers_with_the_newest_release_that_is_meant) {
    publish("acme/tools", "1.0.0", "a");
    publish("acme/tools", "1.1.0", "b");
    publish("acme/tools", "2.0.0", "c");
    publish("acme/tools", "dev:x", "d");
    EXPECT_EQ(asked("acme/tools", "1"), "1.1.0: b");
    EXPECT_EQ(asked("acme/tools", "1.0"), "1.0.0: a");
    EXPECT_EQ(asked("acme/tools", "volatile"), "2.0.0: c");
    EXPECT_EQ(asked("acme/tools", "dev:x"), "dev:x: d");
}

TEST_F(OrbSourceTest, says_how_to_get_what_is_not_there) {
    publish("acme/tools", "1.0.0", "a");
    EXPECT_EQ(asked("acme/tools", "2"),
              "the server has no version '2' of acme/tools; it has 1.0.0 -> "
              "one of these versions, or this one: gyre orb publish FILE acme/tools@VERSION");
    EXPECT_EQ(asked("acme/tools", "1.0.1"),
              "the server has no version '1.0.1' of acme/tools; it has 1.0.0 -> "
              "one of these versions, or this one: gyre orb publish FILE acme/tools@1.0.1");
    EXPECT_EQ(asked("circleci/node", "5"),
              "the server has no orb 'circleci/node' -> its source on the server: "
              "gyre orb publish FILE circleci/node@VERSION, or gyre orb import BUNDLE");
    EXPECT_EQ(asked("acme/tool", "1"),
              "the server has no orb 'acme/tool'; did you mean 'acme/tools'? -> its source on the server: "
              "gyre orb publish FILE acme/tool@VERSION, or gyre orb import BUNDLE");
}

TEST_F(OrbSourceTest, is_not_silent_when_the_store_does_not_answer) {
    stores_.trouble().always("orb_store.releases", memory::Mishap::fails);
    EXPECT_TRUE(asked("acme/tools", "1").starts_with("the server's orbs cannot be read: ")) << asked("acme/tools", "1");
}

std::string orb_saying(const std::string& what) {
    return "version: 2.1\ncommands: {say: {steps: [{run: " + what + "}]}}\n";
}

// A config whose only job says what acme/tools@1 says; with `more` at its top.
std::string config_with(const std::string& more) {
    return "version: 2.1\n" + more +
           "orbs: {a: acme/tools@1, b: acme/tools@1}\n"
           "jobs: {j: {docker: [{image: i}], steps: [a/say, b/say]}}\n"
           "workflows: {w: {jobs: [j]}}\n";
}

std::string said(const Pipeline& pipeline, std::size_t job) {
    EXPECT_TRUE(pipeline.errors.empty()) << pipeline.errors.front().message;
    if (pipeline.plan.jobs.size() <= job) return "nothing";
    return std::get<RunStep>(pipeline.plan.jobs[job].steps.at(0)).command;
}

TEST_F(OrbSourceTest, is_what_a_pipeline_remembers_and_its_continuation_too) {
    publish("acme/tools", "1.0.0", orb_saying("old"));
    const auto orbs = registered_orbs(stores_.orb_store(), clock_);
    Pipeline pipeline{.id = {"p"}, .project = {"x"}, .number = 1};
    pipeline.trigger.branch = "main";
    pipeline.config_source = config_with("setup: true\n");
    compile_pipeline(pipeline, {}, orbs);
    EXPECT_EQ(said(pipeline, 0), "old");
    ASSERT_EQ(pipeline.plan.orbs.size(), 1U) << "once, though imported twice";
    EXPECT_EQ(pipeline.plan.orbs[0], (UsedOrb{"acme/tools", "1", "1.0.0", sha256_hex(orb_saying("old"))}));

    publish("acme/tools", "1.1.0", orb_saying("new"));
    compile_continuation(pipeline, {}, {.config_source = config_with(""), .parameters = {}, .at = clock_.now()}, orbs);
    EXPECT_EQ(said(pipeline, 1), "old");
    EXPECT_EQ(pipeline.plan.orbs.size(), 1U);

    Pipeline next{.id = {"q"}, .project = {"x"}, .number = 2};
    next.trigger.branch = "main";
    next.config_source = config_with("");
    compile_pipeline(next, {}, orbs);
    EXPECT_EQ(said(next, 0), "new");
}

TEST_F(OrbSourceTest, that_lacks_an_orb_makes_the_pipelines_error) {
    Pipeline pipeline{.id = {"p"}, .project = {"x"}, .number = 1};
    pipeline.trigger.branch = "main";
    pipeline.config_source = config_with("");
    compile_pipeline(pipeline, {}, registered_orbs(stores_.orb_store(), clock_));
    EXPECT_EQ(pipeline.state, PipelineState::errored);
    ASSERT_FALSE(pipeline.errors.empty());
    EXPECT_NE(pipeline.errors[0].message.find("gyre orb import BUNDLE"), std::string::npos)
        << pipeline.errors[0].message;
}

}  // namespace
}  // namespace gyre::conductor
