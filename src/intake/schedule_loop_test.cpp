#include "intake/schedule_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <semaphore>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "intake/test_world.h"

namespace gyre::intake {
namespace {

using memory::Mishap;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Timestamp utc(const std::string& text) { return from_iso(text + "Z").value(); }

struct Stores {
    memory::MemoryStores stores;
    memory::ManualClock clock{utc("2026-01-01T12:00:00")};
};

class ScheduleLoopTest : public testing::Test, protected Stores, protected World {
protected:
    ScheduleLoopTest() : World(stores.project_store(), stores.push_store(), stores.schedule_store(), clock) {}

    // What a pipeline of the branch leaves behind.
    void branch_has(const std::string& branch, std::vector<PlannedSchedule> schedules) {
        const auto number = ++pipelines_;
        Commit commit{.event = {"pipeline-" + std::to_string(number)}, .at = clock.now()};
        commit.pipeline = Pipeline{.id = {std::to_string(number)}, .project = project.id, .number = number};
        commit.pipeline->trigger.branch = branch;
        commit.schedules = BranchSchedules{branch, std::move(schedules)};
        EXPECT_TRUE(stores.workflow_store().commit(commit).ok());
    }
    void nightly() { branch_has("main", {{"nightly", "0 3 * * *"}}); }
    StoredSchedule only() { return stores.schedule_store().schedules(std::nullopt)->at(0); }
    std::string next_round() { return to_iso(loop.round()).substr(5, 14); }
    void at(const std::string& time) { clock.set_wall(utc(time)); }
    // "main/nightly@aaa 01-02T03:00": what was triggered, in order.
    std::string fired() const {
        std::string text;
        for (const auto& one : door.triggers)
            text += (text.empty() ? "" : ", ") + one.branch + "/" + one.only_workflow + "@" +
                    one.revision.substr(0, 3) + " " + one.id.text.substr(one.id.text.size() - 19, 11);
        return text;
    }

    SchedulePorts loop_ports{stores.project_store(), stores.schedule_store(), door, remote, clock};
    ScheduleLoop loop{loop_ports};

private:
    std::int64_t pipelines_ = 0;
};

TEST_F(ScheduleLoopTest, a_tick_triggers_its_workflow_at_the_head_of_its_branch) {
    nightly();
    stands(b);
    at("2026-01-02T02:59:59");
    EXPECT_EQ(next_round(), "01-02T03:00:00");
    EXPECT_EQ(fired(), "");
    at("2026-01-02T03:00:00");
    loop.round();
    ASSERT_EQ(fired(), "main/nightly@bbb 01-02T03:00");
    const Trigger& trigger = door.triggers[0];
    EXPECT_EQ(trigger.id.text, "schedule:p1:main:nightly:2026-01-02T03:00:00.000Z");
    EXPECT_EQ(trigger.kind, TriggerKind::schedule);
    EXPECT_EQ(trigger.schedule_name, "nightly");
    EXPECT_EQ(trigger.schedule_id, schedule_id(only()));
    EXPECT_EQ(trigger.received_at, clock.now());
    EXPECT_EQ(only().last_tick, utc("2026-01-02T03:00:00"));
    EXPECT_EQ(only().last_pipeline.text, "of " + trigger.id.text);
    EXPECT_EQ(only().missed_tick, std::nullopt);
    loop.round();
    at("2026-01-03T02:59:59");
    loop.round();
    EXPECT_EQ(door.triggers.size(), 1U);
}

TEST_F(ScheduleLoopTest, sleeps_until_the_next_tick_of_all_and_not_for_ever) {
    EXPECT_EQ(next_round(), "01-01T12:05:00") << "there is nothing, but news may get lost";
    branch_has("main", {{"nightly", "0 3 * * *"}, {"often", "2 * * * *"}});
    EXPECT_EQ(next_round(), "01-01T12:02:00");
}

TEST_F(ScheduleLoopTest, each_branch_has_its_own_and_the_remote_is_asked_once) {
    remote.refs["refs/heads/dev"] = c;
    branch_has("main", {{"nightly", "0 3 * * *"}, {"hourly", "0 * * * *"}});
    branch_has("dev", {{"nightly", "0 3 * * *"}});
    at("2026-01-02T03:00:01");
    loop.round();
    EXPECT_EQ(fired(), "dev/nightly@ccc 01-02T03:00, main/hourly@aaa 01-02T03:00, main/nightly@aaa 01-02T03:00");
    EXPECT_EQ(remote.asked, 1);
    EXPECT_EQ(only().missed_tick, std::nullopt);
}

TEST_F(ScheduleLoopTest, a_branch_that_is_gone_has_no_schedules) {
    nightly();
    stands(none);
    at("2026-01-02T03:00:00");
    loop.round();
    EXPECT_EQ(fired(), "");
    EXPECT_TRUE(stores.schedule_store().schedules(std::nullopt)->empty());
}

TEST_F(ScheduleLoopTest, of_missed_ticks_the_newest_of_the_last_hour_fires_and_the_others_are_told) {
    branch_has("main", {{"often", "*/10 * * * *"}});
    at("2026-01-02T03:05:00");
    loop.round();
    EXPECT_EQ(fired(), "main/often@aaa 01-02T03:00");
    EXPECT_EQ(only().missed_tick, utc("2026-01-02T02:50:00"));
    EXPECT_EQ(only().missed_why, "no server was there to start it");
    branch_has("main", {{"nightly", "0 3 * * *"}});
    at("2026-01-03T04:00:01");
    loop.round();
    EXPECT_EQ(door.triggers.size(), 1U) << "too late";
    EXPECT_EQ(only().missed_tick, utc("2026-01-03T03:00:00"));
    EXPECT_EQ(next_round(), "01-03T04:05:01");
}

TEST_F(ScheduleLoopTest, a_remote_that_is_away_is_asked_again_until_the_tick_is_too_late) {
    nightly();
    remote.away = true;
    at("2026-01-02T03:00:00");
    EXPECT_EQ(next_round(), "01-02T03:00:10");
    EXPECT_EQ(next_round(), "01-02T03:00:10") << "not before";
    EXPECT_EQ(remote.asked, 1);
    at("2026-01-02T03:00:10");
    EXPECT_EQ(next_round(), "01-02T03:00:30");
    remote.away = false;
    at("2026-01-02T03:00:30");
    loop.round();
    EXPECT_EQ(fired(), "main/nightly@aaa 01-02T03:00");
    remote.away = true;
    at("2026-01-03T03:00:00");
    for (Timestamp next = loop.round(); clock.now() < utc("2026-01-03T04:10:00"); next = loop.round())
        clock.set_wall(next);
    EXPECT_LT(remote.asked, 25);
    EXPECT_EQ(door.triggers.size(), 1U);
    EXPECT_EQ(only().missed_tick, utc("2026-01-03T03:00:00"));
    EXPECT_EQ(only().missed_why, "no route to host");
}

TEST_F(ScheduleLoopTest, a_clock_that_jumps_fires_nothing_twice) {
    nightly();
    at("2026-01-02T03:00:00.010");
    loop.round();
    at("2026-01-02T02:59:59");
    loop.round();
    at("2026-01-02T03:00:00");
    loop.round();
    EXPECT_EQ(fired(), "main/nightly@aaa 01-02T03:00");
    at("2027-06-01T03:00:00");
    loop.round();
    EXPECT_EQ(fired(), "main/nightly@aaa 01-02T03:00, main/nightly@aaa 06-01T03:00");
    EXPECT_EQ(only().missed_tick, utc("2027-05-31T03:00:00"));
    at("2026-01-02T12:00:00");
    loop.round();
    at("2026-01-03T03:00:00");
    loop.round();
    EXPECT_EQ(door.triggers.size(), 3U) << "it goes on where the clock really stands";
    for (const char* time : {"2027-06-01T02:59:00", "2027-06-01T03:00:00"}) {
        at(time);
        loop.round();
    }
    EXPECT_EQ(door.triggers.size(), 3U) << "that one has fired, when the clock was wrong";
}

TEST_F(ScheduleLoopTest, what_one_server_is_at_the_others_leave_alone) {
    nightly();
    at("2026-01-02T03:00:00");
    ScheduleLoop other(loop_ports);
    ASSERT_TRUE(*stores.schedule_store().claim(only(), clock.now()));
    EXPECT_EQ(to_iso(other.round()).substr(11, 8), "03:02:00") << "it may die over it";
    EXPECT_EQ(fired(), "");
    at("2026-01-02T03:02:00");
    other.round();
    EXPECT_EQ(fired(), "main/nightly@aaa 01-02T03:00");
    loop.round();
    EXPECT_EQ(door.triggers.size(), 1U);
}

TEST_F(ScheduleLoopTest, wakes_when_schedules_have_changed) {
    clock.set_wall(SystemClock().now());  // by which it sleeps
    std::counting_semaphore<> looked(0);
    stores.trouble().before([&looked](std::string_view operation) {
        if (operation == "schedule_store.schedules") looked.release();
    });
    loop.start();
    looked.acquire();
    loop.wake();
    looked.acquire();
    loop.stop();
}

// Two servers that live, die in the middle of anything and come back; a database and a remote that fail; a clock that
// goes on. In the end every tick of the last hour has fired, no trigger came twice, and nothing fired late.
TEST_F(ScheduleLoopTest, each_tick_fires_once_whatever_happens) {
    const std::vector<std::string> lines{"*/20 * * * *", "7 * * * *", "0 3 * * *", "30 */2 * * 1-5"};
    for (unsigned seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        door.triggers.clear();
        at("2026-01-01T12:00:00");
        branch_has("main", {});
        branch_has("main", {{"w", lines[random() % 4]}, {"w", lines[random() % 4]}, {"v", lines[random() % 4]}});
        std::vector<std::unique_ptr<ScheduleLoop>> servers(2);
        stores.trouble().choose([&](std::string_view operation) -> std::optional<Mishap> {
            if (!operation.starts_with("schedule_store") || random() % 10 != 0) return std::nullopt;
            return random() % 2 == 0 ? Mishap::fails : Mishap::lost_answer;
        });
        for (int step = 0; step < 300; ++step) {
            auto& server = servers[random() % 2];
            if (!server || random() % 20 == 0) server = std::make_unique<ScheduleLoop>(loop_ports);
            remote.away = random() % 15 == 0;
            door.broken = random() % 15 == 0;
            server->round();
            clock.advance(Duration{random() % (random() % 30 == 0 ? 7'200'000 : 200'000)});
        }
        stores.trouble().choose(nullptr);
        remote.away = door.broken = false;
        clock.advance(schedule_claim_life + minutes{6});
        servers[0] = std::make_unique<ScheduleLoop>(loop_ports);
        servers[0]->round();
        std::set<std::string> ids;
        for (const auto& one : door.triggers) {
            EXPECT_TRUE(ids.insert(one.id.text).second) << one.id.text;
            const auto tick = from_iso(one.id.text.substr(one.id.text.size() - 24)).value();
            EXPECT_LE(tick, one.received_at);
            EXPECT_LE(one.received_at, tick + latest_firing);
        }
        const auto left = stores.schedule_store().schedules(std::nullopt).value();
        for (const auto& schedule : left) {
            const auto due = due_ticks(read_timetable(schedule.crons), schedule.settled_until, clock.now());
            EXPECT_FALSE(due.any()) << schedule.workflow;
        }
        EXPECT_GT(ids.size(), 0U);
    }
}

}  // namespace
}  // namespace gyre::intake
