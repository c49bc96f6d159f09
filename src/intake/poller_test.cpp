#include "intake/poller.h"

#include <gtest/gtest.h>

#include <future>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "intake/test_world.h"

namespace gyre::intake {
namespace {

struct Stores {
    memory::MemoryStores stores;
    memory::ManualClock clock;
};

class PollerTest : public testing::Test, protected Stores, protected World {
protected:
    PollerTest() : World(stores.project_store(), stores.push_store(), stores.schedule_store(), clock) {}
    void polled(bool polled) {
        project.poll = polled;
        EXPECT_TRUE(stores.project_store().change(project.id, {.poll = polled}).ok());
    }
    void add(const std::string& name) {
        const Project more{.id = {name}, .slug = "git/" + name, .remote = "/srv/" + name};
        EXPECT_TRUE(stores.project_store().add(more).ok());
    }
    Poller poller{ports, std::chrono::hours{1}};
};

TEST_F(PollerTest, does_not_build_the_history_but_every_later_change) {
    const Project unknown{.id = {"p2"}, .slug = "git/old", .remote = "/srv/old.git"};
    ASSERT_TRUE(stores.project_store().add(unknown).ok());
    stands(b, "refs/heads/history");
    poller.round(Poller::Cause::time);
    door.triggers.clear();  // of the other project
    stands(c, "refs/heads/new");
    poller.round(Poller::Cause::time);
    poller.round(Poller::Cause::time);
    EXPECT_EQ(door.built(), "new@ccc new@ccc") << "one a project";
}

TEST_F(PollerTest, a_push_that_could_not_be_stored_is_received_again) {
    stands(b);
    door.broken = true;
    poller.round(Poller::Cause::time);
    door.broken = false;
    poller.round(Poller::Cause::time);  // left out after the failure
    poller.round(Poller::Cause::time);
    EXPECT_EQ(door.built(), "main@bbb");
}

TEST_F(PollerTest, a_remote_that_fails_is_asked_less_and_less_often) {
    remote.away = true;
    for (int i = 0; i < 64; ++i) poller.round(Poller::Cause::time);
    EXPECT_LE(remote.asked, 8);
    EXPECT_GE(remote.asked, 6);
}

TEST_F(PollerTest, a_remote_that_fails_is_not_asked_more_often_because_hooks_call) {
    remote.away = true;
    for (int i = 0; i < 64; ++i) {
        poller.look_soon(project.id);
        poller.round(Poller::Cause::asked);
    }
    EXPECT_EQ(remote.asked, 1);
    remote.away = false;
    stands(b);
    poller.round(Poller::Cause::time);  // left out after the failure
    poller.round(Poller::Cause::time);
    EXPECT_EQ(door.built(), "main@bbb");
}

TEST_F(PollerTest, remotes_that_hang_do_not_keep_another_from_its_look) {
    for (const char* name : {"hung1", "hung2", "zone"}) add(name);
    std::promise<void> looked;
    const std::shared_future<void> gate = looked.get_future().share();
    remote.visit = [&](const std::string& asked) {
        if (asked.starts_with("/srv/hung")) gate.wait();
        if (asked == "/srv/zone") looked.set_value();
    };
    poller.round(Poller::Cause::time);
    EXPECT_EQ(remote.asked, 4);
}

TEST_F(PollerTest, of_the_remotes_that_failed_a_round_asks_a_few_and_each_has_its_turn) {
    for (const char* name : {"1", "2", "3", "4", "5", "6"}) {
        add(name);
        remote.gone.insert(std::string("/srv/") + name);
    }
    const auto asked_in_a_round = [&] {
        const int before = remote.asked;
        poller.round(Poller::Cause::time);
        return remote.asked - before;
    };
    EXPECT_EQ(asked_in_a_round(), 7);
    EXPECT_EQ(asked_in_a_round(), 1) << "they are left out after the failure";
    EXPECT_EQ(asked_in_a_round(), 1 + 4);
    EXPECT_EQ(asked_in_a_round(), 1 + 2);
}

TEST_F(PollerTest, nothing_is_polled_where_polling_is_off) {
    Poller off{ports, std::chrono::milliseconds{0}};
    off.round(Poller::Cause::time);
    EXPECT_EQ(remote.asked, 0);
    off.look_soon(project.id);
    off.round(Poller::Cause::time);
    EXPECT_EQ(remote.asked, 1);
}

TEST_F(PollerTest, a_project_that_is_not_polled_is_looked_at_when_news_is_missing) {
    polled(false);
    stands(b);
    poller.round(Poller::Cause::time);
    EXPECT_EQ(remote.asked, 0);
    poller.look_soon(project.id);
    poller.round(Poller::Cause::time);
    poller.round(Poller::Cause::time);
    EXPECT_EQ(remote.asked, 1);
    EXPECT_EQ(door.built(), "main@bbb");
}

TEST_F(PollerTest, a_look_that_fails_is_still_wanted) {
    polled(false);
    stands(b);
    remote.away = true;
    poller.look_soon(project.id);
    poller.round(Poller::Cause::time);
    remote.away = false;
    poller.round(Poller::Cause::time);
    poller.round(Poller::Cause::time);
    EXPECT_EQ(door.built(), "main@bbb");
}

TEST_F(PollerTest, the_start_looks_for_what_was_missed_also_where_nothing_is_polled) {
    polled(false);
    stands(b);
    std::promise<void> asked;
    remote.meanwhile = [&] { asked.set_value(); };
    poller.start();
    asked.get_future().wait();
    poller.stop();  // ends the look first
    EXPECT_EQ(door.built(), "main@bbb");
}

TEST_F(PollerTest, what_was_missed_is_looked_for_once_the_projects_can_be_read) {
    polled(false);
    stands(b);
    std::promise<void> refused;
    std::promise<void> asked;
    stores.trouble().on("project_store.all", 1, memory::Mishap::fails);
    bool first = true;
    stores.trouble().before([&](std::string_view operation) {
        if (operation == "project_store.all" && std::exchange(first, false)) refused.set_value();
    });
    remote.meanwhile = [&] { asked.set_value(); };
    poller.start();
    refused.get_future().wait();
    poller.look_soon({"another"});
    asked.get_future().wait();
    poller.stop();
    EXPECT_EQ(door.built(), "main@bbb");
}

}  // namespace
}  // namespace gyre::intake
