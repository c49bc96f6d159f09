#pragma once

// The promises of ports/schedule_store.h.

#include "ports/contract/examples.h"
#include "ports/schedule_store.h"

namespace gyre::contract {

template <typename World>
class ScheduleStoreContract : public StoresContract<World> {
protected:
    ScheduleStore& store() { return this->world_.stores.schedule_store(); }

    // A pipeline of the branch that replaces what it had.
    Pipeline replace(const std::string& branch, std::vector<PlannedSchedule> schedules) {
        const auto pipeline = this->new_pipeline(project_, branch);
        commit(pipeline, branch, std::move(schedules));
        return pipeline;
    }
    void commit(const Pipeline& pipeline, const std::string& branch, std::vector<PlannedSchedule> schedules) {
        Commit commit = this->next_commit();
        commit.pipeline = pipeline;
        commit.schedules = BranchSchedules{branch, std::move(schedules)};
        last_commit_ = commit.at;
        EXPECT_EQ(StoresContract<World>::commit(commit), Committed::stored);
    }
    std::vector<StoredSchedule> all() { return *store().schedules(std::nullopt); }
    StoredSchedule only() {
        const auto found = all();
        EXPECT_EQ(found.size(), 1U);
        return found.empty() ? StoredSchedule{} : found.front();
    }
    // "main/nightly (0 3 * * *)"
    std::string names() {
        std::string text;
        for (const auto& one : all()) {
            text += (text.empty() ? "" : ", ") + one.branch + "/" + one.workflow;
            for (const auto& cron : one.crons) text += " (" + cron + ")";
        }
        return text;
    }

    Project project_ = this->make_project();
    Timestamp last_commit_{};
};
TYPED_TEST_SUITE_P(ScheduleStoreContract);

TYPED_TEST_P(ScheduleStoreContract, SchedulesOfABranchAreReplacedWhole) {
    EXPECT_EQ(this->names(), "");
    this->replace("main", {{"nightly", "0 3 * * *"}, {"hourly", "0 * * * *"}, {"nightly", "0 4 * * *"}});
    this->replace("dev", {{"nightly", "0 3 * * *"}});
    EXPECT_EQ(this->names(), "dev/nightly (0 3 * * *), main/hourly (0 * * * *), main/nightly (0 3 * * *) (0 4 * * *)");
    this->replace("main", {{"weekly", "0 0 * * 1"}});
    EXPECT_EQ(this->names(), "dev/nightly (0 3 * * *), main/weekly (0 0 * * 1)");
    this->replace("main", {});
    EXPECT_EQ(this->names(), "dev/nightly (0 3 * * *)");
    EXPECT_TRUE(this->store().forget_branch(this->project_.id, "dev").ok());
    EXPECT_TRUE(this->store().forget_branch(this->project_.id, "dev").ok());
    EXPECT_EQ(this->names(), "");
}

TYPED_TEST_P(ScheduleStoreContract, OnesOfAProjectAreFound) {
    this->replace("main", {{"nightly", "0 3 * * *"}});
    EXPECT_EQ(this->store().schedules(this->project_.id)->size(), 1U);
    EXPECT_TRUE(this->store().schedules(ProjectId{"another"})->empty());
}

TYPED_TEST_P(ScheduleStoreContract, ANewOneCountsFromItsCommitOnAndOneThatStaysGoesOn) {
    this->replace("main", {{"nightly", "0 3 * * *"}});
    auto stored = this->only();
    EXPECT_EQ(stored.settled_until, this->last_commit_);
    EXPECT_EQ(stored.last_tick, std::nullopt);
    EXPECT_TRUE(this->store().settle(stored, {.until = at(50), .fired = at(50), .pipeline = {"p"}}).ok());
    this->replace("main", {{"nightly", "0 3 * * *"}});
    stored = this->only();
    EXPECT_EQ(stored.settled_until, at(50));
    EXPECT_EQ(stored.last_tick, at(50));
    EXPECT_EQ(stored.last_pipeline.text, "p");
    this->replace("main", {{"nightly", "0 4 * * *"}});
    EXPECT_EQ(this->only().settled_until, this->last_commit_) << "another timetable";
    EXPECT_EQ(this->only().last_tick, at(50)) << "what happened has happened";
}

TYPED_TEST_P(ScheduleStoreContract, AnOlderPipelineThatComesLateDecidesNothing) {
    const auto older = this->new_pipeline(this->project_, "main");
    const auto newer = this->replace("main", {{"new", "0 3 * * *"}});
    this->commit(older, "main", {{"old", "0 3 * * *"}});
    EXPECT_EQ(this->names(), "main/new (0 3 * * *)");
    this->replace("dev", {});
    this->commit(newer, "main", {{"continued", "0 3 * * *"}});
    EXPECT_EQ(this->names(), "main/continued (0 3 * * *)") << "pipelines of other branches are no newer ones";
}

TYPED_TEST_P(ScheduleStoreContract, OneAtATimeDealsWithWhatIsDue) {
    this->replace("main", {{"nightly", "0 3 * * *"}});
    const auto read = this->only();
    EXPECT_TRUE(*this->store().claim(read, at(100)));
    EXPECT_FALSE(*this->store().claim(read, at(100)));
    EXPECT_FALSE(*this->store().claim(read, at(100) + schedule_claim_life - Duration{1}));
    EXPECT_TRUE(*this->store().claim(read, at(100) + schedule_claim_life)) << "its owner may have died";
    EXPECT_FALSE(*this->store().claim(read, at(100))) << "by a clock that is a little behind";
    EXPECT_TRUE(*this->store().claim(read, at(50))) << "the clock was set back: the claim lies in the future";
    EXPECT_TRUE(this->store().settle(read, {.until = at(100)}).ok());
    EXPECT_FALSE(*this->store().claim(read, at(1000))) << "somebody has dealt with it";
    EXPECT_TRUE(*this->store().claim(this->only(), at(101))) << "the claim ended with it";
}

TYPED_TEST_P(ScheduleStoreContract, WhatBecameOfTicksIsNoted) {
    this->replace("main", {{"nightly", "0 3 * * *"}});
    EXPECT_TRUE(this->store().settle(this->only(), {.until = at(50), .missed = at(40), .missed_why = "away"}).ok());
    auto stored = this->only();
    EXPECT_EQ(stored.settled_until, at(50));
    EXPECT_EQ(stored.missed_tick, at(40));
    EXPECT_EQ(stored.missed_why, "away");
    EXPECT_TRUE(this->store().settle(stored, {.until = at(60), .fired = at(60), .pipeline = {"p"}}).ok());
    EXPECT_EQ(this->only().missed_tick, at(40)) << "stays until there is another";
    EXPECT_TRUE(this->store().settle(stored, {.until = at(99), .fired = at(99), .pipeline = {"q"}}).ok());
    EXPECT_EQ(this->only().last_pipeline.text, "p") << "it was not as it had been read";
    EXPECT_TRUE(this->store().settle(this->only(), {.until = at(10)}).ok());
    EXPECT_EQ(this->only().settled_until, at(10)) << "the clock was set back";
    EXPECT_EQ(this->only().last_tick, at(60));
    StoredSchedule gone = this->only();
    gone.workflow = "gone";
    EXPECT_TRUE(this->store().settle(gone, {.until = at(70)}).ok());
    EXPECT_FALSE(*this->store().claim(gone, at(70)));
}

TYPED_TEST_P(ScheduleStoreContract, ACommitThatIsRefusedChangesNothing) {
    this->replace("main", {{"nightly", "0 3 * * *"}});
    Commit again = this->next_commit();
    again.pipeline = this->new_pipeline(this->project_);
    again.schedules = BranchSchedules{"main", {}};
    again.event = {"event-1"};
    EXPECT_EQ(*this->world_.stores.workflow_store().commit(again), Committed::duplicate);
    EXPECT_EQ(this->names(), "main/nightly (0 3 * * *)");
}

REGISTER_TYPED_TEST_SUITE_P(ScheduleStoreContract, SchedulesOfABranchAreReplacedWhole, OnesOfAProjectAreFound,
                            ANewOneCountsFromItsCommitOnAndOneThatStaysGoesOn,
                            AnOlderPipelineThatComesLateDecidesNothing, OneAtATimeDealsWithWhatIsDue,
                            WhatBecameOfTicksIsNoted, ACommitThatIsRefusedChangesNothing);

}  // namespace gyre::contract
