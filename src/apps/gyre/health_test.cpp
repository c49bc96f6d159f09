#include "apps/gyre/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"

namespace gyre::apps {
namespace {

using testing::HasSubstr;

constexpr std::int64_t endless = std::int64_t{1} << 60;

class HealthTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-health-test.XXXXXX";
        root_ = mkdtemp(pattern);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    // A workflow with one attempt in the state.
    void store_attempt(AttemptState state) {
        Workflow workflow{.id = {"w"}, .jobs = {WorkflowJob{.id = {"j"}}}};
        workflow.jobs[0].tasks = {Task{.status = TaskStatus::running, .attempts = {Attempt{}}}};
        workflow.jobs[0].tasks[0].attempts[0].state = state;
        workflow.jobs[0].tasks[0].attempts[0].placed_at = clock_.now();
        store({.event = {"placed"}, .kind = "test"}, workflow);
    }
    void store(Commit commit, Workflow workflow) {
        commit.workflows.push_back(with_only(workflow, {0}));
        ASSERT_TRUE(stores_.workflow_store().commit(commit));
    }

    std::string root_;
    memory::MemoryStores stores_;
    memory::ManualClock clock_;
};

TEST_F(HealthTest, a_folder_is_well_while_it_can_be_written_and_has_room) {
    EXPECT_THAT(*look_at_folder("the store of blobs", root_, 1), HasSubstr("free"));
    EXPECT_TRUE(std::filesystem::is_empty(root_));
    const auto full = look_at_folder("the store of blobs", root_, endless);
    EXPECT_THAT(full.error().message, HasSubstr("the disk of the store of blobs has only"));
    const auto gone = look_at_folder("the store of blobs", root_ + "/gone", 1);
    EXPECT_EQ(gone.error().message, "the store of blobs cannot be written: No such file or directory");
}

TEST_F(HealthTest, programs_are_looked_for_by_name_and_by_path) {
    std::ofstream(root_ + "/tool") << "x";
    EXPECT_EQ(*look_for_programs({"sh", "/bin/sh"}), "sh, sh found");
    EXPECT_THAT(look_for_programs({root_ + "/tool"}).error().message, HasSubstr("the program tool is not there"));
    EXPECT_FALSE(look_for_programs({"no-such-program-at-all"}).ok());
    EXPECT_FALSE(look_for_programs({root_}).ok());
}

TEST_F(HealthTest, an_attempt_that_no_agent_takes_is_told) {
    EXPECT_EQ(*look_at_claims(stores_.task_queue(), clock_.now()), "0 running, 0 placed");
    store_attempt(AttemptState::placed);
    EXPECT_EQ(*look_at_claims(stores_.task_queue(), clock_.now()), "0 running, 1 placed");
    clock_.advance(std::chrono::seconds{61});
    EXPECT_EQ(look_at_claims(stores_.task_queue(), clock_.now()).error().message,
              "attempt j-0-a1 was placed 61 s ago, and no agent has taken it");
}

TEST_F(HealthTest, an_attempt_that_runs_may_run_for_long) {
    store_attempt(AttemptState::running);
    clock_.advance(std::chrono::hours{3});
    EXPECT_EQ(*look_at_claims(stores_.task_queue(), clock_.now()), "1 running, 0 placed");
}

TEST_F(HealthTest, leases_that_nobody_watches_are_told) {
    const auto now = clock_.steady();
    EXPECT_TRUE(look_at_leases(std::nullopt, now).ok());
    EXPECT_THAT(*look_at_leases(now + std::chrono::seconds{15}, now), HasSubstr("15 s"));
    EXPECT_TRUE(look_at_leases(now - std::chrono::seconds{1}, now).ok());
    EXPECT_FALSE(look_at_leases(now - std::chrono::seconds{31}, now).ok());
}

TEST_F(HealthTest, an_effect_that_is_not_carried_out_is_told) {
    OutboxWatch watch(stores_.outbox());
    EXPECT_EQ(*watch.look(clock_.steady()), "no effect waits");
    Commit commit{.event = {"e"}, .kind = "test"};
    commit.effects = {StopAttempt{{{"j"}, 0, 1}, "canceled"}, StopAttempt{{{"j"}, 1, 1}, "canceled"}};
    ASSERT_TRUE(stores_.workflow_store().commit(commit));
    EXPECT_TRUE(watch.look(clock_.steady()).ok());
    clock_.advance(std::chrono::seconds{31});
    EXPECT_EQ(watch.look(clock_.steady()).error().message, "the oldest effect has waited for more than 31 s");
    ASSERT_TRUE(stores_.outbox().done({stores_.outbox().pending(1)->front().id}));
    EXPECT_EQ(*watch.look(clock_.steady()), "the oldest effect has waited for 0 s") << "it is another one";
    stores_.trouble().always("outbox.pending", memory::Mishap::fails);
    EXPECT_FALSE(watch.look(clock_.steady()).ok());
}

TEST_F(HealthTest, a_look_at_all_is_kept_for_a_moment) {
    int looks = 0;
    bool well = true;
    HealthDesk desk(
        [&] {
            ++looks;
            return std::vector<Health>{{"database", true, "read"}, {"disk", well, well ? "9 GB free" : "full"}};
        },
        clock_);
    EXPECT_TRUE(desk.report().ready);
    EXPECT_EQ(json::serialize(desk.report().parts), R"({"database":"ok","disk":"ok"})");
    EXPECT_EQ(json::serialize(desk.report().details.at("disk")), R"({"healthy":true,"message":"9 GB free"})");
    EXPECT_EQ(looks, 1);
    well = false;
    clock_.advance(std::chrono::seconds{1});
    EXPECT_FALSE(desk.report().ready);
    EXPECT_EQ(json::serialize(desk.report().parts), R"({"database":"ok","disk":"full"})");
}

TEST_F(HealthTest, a_look_that_throws_does_not_end_all_looking) {
    bool broken = false;
    HealthDesk desk(
        [&] {
            if (broken) throw std::runtime_error("a bug");
            return std::vector<Health>{{"database", true, "read"}};
        },
        clock_);
    EXPECT_TRUE(desk.report().ready);
    clock_.advance(std::chrono::minutes{1});
    broken = true;
    EXPECT_THROW(desk.report(), std::runtime_error);
    EXPECT_THROW(desk.report(), std::runtime_error) << "not the report of a minute ago";
}

}  // namespace
}  // namespace gyre::apps
