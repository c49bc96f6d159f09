// Several servers on one database.

#include <algorithm>
#include <set>

#include "adapters/postgres/test_world.h"
#include "ports/contract/examples.h"
#include "ports/contract/threads.h"

namespace gyre::contract {
namespace {

struct SharedWorld {
    postgres::Target target{postgres::migrated_database(), "the test's database"};
    std::unique_ptr<sql::Stores> owned = open("north");
    std::unique_ptr<sql::Stores> south = open("south");
    sql::Stores& stores = *owned;

    std::unique_ptr<sql::Stores> open(const std::string& server) {
        return postgres::open_postgres(target, {.server = server}).value();
    }
};

class SeveralServers : public StoresContract<SharedWorld> {
protected:
    TaskQueue& north() { return world_.stores.task_queue(); }
    TaskQueue& south() { return world_.south->task_queue(); }
    static std::vector<AttemptRef> all(const std::vector<QueuedTask>& tasks) {
        std::vector<AttemptRef> attempts;
        for (const auto& task : tasks) attempts.push_back(task.next);
        return attempts;
    }
};

TEST_F(SeveralServers, WhatOneClaimsTheOthersDoNotSee) {
    make_workflow({"build", "test"});
    const auto queued = all(*north().queued(100));
    ASSERT_EQ(queued.size(), 4U);
    EXPECT_EQ(*north().claim({queued[0], queued[1]}), (std::vector{queued[0], queued[1]}));
    EXPECT_EQ(*south().claim(queued), (std::vector{queued[2], queued[3]}));
    EXPECT_EQ(all(*north().queued(100)), (std::vector{queued[0], queued[1]}));
    EXPECT_EQ(all(*south().queued(100)), (std::vector{queued[2], queued[3]}));
    EXPECT_EQ(*north().claim({queued[0]}), (std::vector{queued[0]})) << "one's own claims hold";
    EXPECT_TRUE(south().claim({{{"nobody"}, 0, 1}})->empty());
}

TEST_F(SeveralServers, ATaskThatIsQueuedAgainIsEverybodysAgain) {
    auto workflow = make_workflow({"build"});
    const auto queued = all(*north().queued(100));
    ASSERT_EQ(north().claim(queued)->size(), 2U);
    place(workflow, 0, 0);
    store(workflow, {0});
    EXPECT_EQ(north().queued(100)->size(), 1U);
    workflow = load(workflow.id);
    finish_attempt(workflow, 0, 0, InfrastructureFailed{"gone", true});
    workflow.jobs[0].tasks[0].status = TaskStatus::queued;
    store(workflow, {0});
    EXPECT_EQ(south().queued(100)->size(), 1U);
}

TEST_F(SeveralServers, OfManyWhoClaimAtOnceEachTaskGoesToOne) {
    make_workflow({"a", "b", "c", "d", "e"});
    const auto queued = all(*north().queued(100));
    std::mutex mutex;
    std::multiset<AttemptId> claimed;
    in_threads(6, [&](int number) {
        const auto got = number % 2 == 0 ? north().claim(queued) : south().claim(queued);
        ASSERT_TRUE(got.ok()) << got.error().message;
        const std::lock_guard lock(mutex);
        std::set<AttemptId> ids;
        for (const auto& attempt : *got) ids.insert(attempt.id());
        if (number < 2) claimed.insert(ids.begin(), ids.end());
    });
    for (const auto& id : claimed) EXPECT_EQ(claimed.count(id), 1U) << id.text;
}

TEST_F(SeveralServers, TheLastPlaceWithinALimitIsClaimedOnce) {
    auto workflow = make_workflow({"build", "test"});
    ASSERT_TRUE(world_.stores.queue_rules().set_project(workflow.project, {.most_tasks = 2}).ok());
    const auto west = world_.open("west");
    const auto queued = all(*north().queued(100));
    EXPECT_EQ(*north().claim({queued[0]}), (std::vector{queued[0]}));
    EXPECT_EQ(*south().claim({queued[1], queued[2], queued[3]}), (std::vector{queued[1]}));
    EXPECT_TRUE(west->task_queue().claim({queued[2]})->empty()) << "two are claimed, and not placed yet";
    place(workflow, 0, 1, "south");
    store(workflow, {0});
    EXPECT_TRUE(west->task_queue().claim({queued[2]})->empty()) << "one is placed, one is claimed";
    EXPECT_EQ(*north().claim({queued[0]}), (std::vector{queued[0]})) << "one's own claim takes no place from itself";
    workflow = load(workflow.id);
    finish_attempt(workflow, 0, 1, Succeeded{});
    workflow.jobs[0].tasks[1].status = TaskStatus::finished;
    store(workflow, {0});
    EXPECT_EQ(*west->task_queue().claim({queued[2], queued[3]}), (std::vector{queued[2]}));
}

TEST_F(SeveralServers, NoLimitIsPassedByManyWhoClaimAtOnce) {
    const auto ours = make_workflow(make_pipeline(make_project("git/shop")), {"a", "b", "c"});
    const auto theirs = make_workflow(make_pipeline(make_project("git/till")), {"a", "b", "c"});
    ASSERT_TRUE(world_.stores.queue_rules().set_organization("git", 5).ok());
    ASSERT_TRUE(world_.stores.queue_rules().set_project(theirs.project, {.most_tasks = 2}).ok());
    const auto queued = all(*north().queued(100));
    ASSERT_EQ(queued.size(), 12U);
    std::vector<std::unique_ptr<sql::Stores>> servers;
    for (int number = 0; number < 6; ++number) servers.push_back(world_.open("server-" + std::to_string(number)));
    std::mutex mutex;
    std::vector<AttemptRef> claimed;
    in_threads(6, [&](int number) {
        const auto place = static_cast<std::size_t>(number);
        const auto got = servers[place]->task_queue().claim({queued[place], queued[place + 6]});
        ASSERT_TRUE(got.ok()) << got.error().message;
        const std::lock_guard lock(mutex);
        claimed.insert(claimed.end(), got->begin(), got->end());
    });
    EXPECT_EQ(claimed.size(), 5U);
    EXPECT_LE(
        std::ranges::count_if(claimed, [&](const auto& one) { return one.job.text.starts_with(theirs.id.text + "-"); }),
        2);
}

TEST_F(SeveralServers, AnEffectIsOneServersAtATimeAndComesToAnotherWhenThatIsGone) {
    auto commit = next_commit();
    commit.effects = {JobEnded{{"w"}, {"j"}, JobStatus::success}, WorkflowEnded{{"w"}, WorkflowStatus::success}};
    this->commit(commit);
    EXPECT_EQ(world_.stores.outbox().pending(1)->size(), 1U);
    EXPECT_EQ(world_.south->outbox().pending(10)->size(), 1U);
    EXPECT_TRUE(world_.south->servers().forget("north").ok());
    EXPECT_EQ(world_.south->outbox().pending(10)->size(), 2U);
    EXPECT_TRUE(world_.stores.outbox().pending(10)->empty());
}

TEST_F(SeveralServers, WhoIsSilentIsSeenToBe) {
    auto& servers = world_.stores.servers();
    ASSERT_TRUE(servers.arrive("north").ok());
    ASSERT_TRUE(servers.say_alive("south").ok());
    const auto all = *servers.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "north");
    EXPECT_LT(all[0].silent, Duration{60'000});
    EXPECT_GE(all[0].silent, Duration{0});
    ASSERT_TRUE(servers.forget("north").ok());
    EXPECT_EQ(servers.all()->size(), 1U);
    ASSERT_TRUE(servers.say_alive("north").ok()) << "who was taken for dead arrives anew";
    EXPECT_EQ(servers.all()->size(), 2U);
}

}  // namespace
}  // namespace gyre::contract
