// Several servers on one database.

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "adapters/postgres/test_world.h"
#include "adapters/sql/limited_claims.h"
#include "adapters/sql/test_installation.h"
#include "adapters/sql/test_tokens.h"
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

// A transaction of somebody else, step by step.
class Other {
public:
    explicit Other(const postgres::Target& target) : database_(postgres::Database::open(target).value()) {
        say("BEGIN; SET LOCAL lock_timeout = 200");
    }
    void say(const std::string& sql) {
        const auto done = database_->script(sql);
        EXPECT_TRUE(done.ok()) << done.error().message;
    }
    void waits_until_somebody_waits() {
        const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        for (std::int64_t waiting = 0; waiting == 0; std::this_thread::yield()) {
            ASSERT_LT(std::chrono::steady_clock::now(), until) << "nobody waits for this transaction";
            waiting = database_->value<std::int64_t>("SELECT COUNT(*) FROM pg_locks WHERE NOT granted").value().value();
        }
    }

private:
    std::unique_ptr<postgres::Database> database_;
};

// Counts the questions that are waited for.
class Counting final : public sql::Database {
public:
    explicit Counting(sql::Database& asked) : asked_(asked) {}
    Result<void> script(const std::string& sql) override { return asked_.script(sql); }
    std::optional<sql::Stored> after_prefix(std::string_view prefix) const override {
        return asked_.after_prefix(prefix);
    }
    sql::Dialect dialect() const override { return asked_.dialect(); }
    const std::string& name() const override { return asked_.name(); }
    int questions() const { return questions_; }

protected:
    Result<std::int64_t> execute(std::string_view sql, std::span<const sql::Param> params, const Act& act) override {
        ++questions_;
        GYRE_TRY(asked_.each_with(sql, params, act));
        return 0;
    }

private:
    sql::Database& asked_;
    int questions_ = 0;
};

class SeveralServers : public StoresContract<SharedWorld> {
protected:
    Commit changed(Workflow& workflow) {
        auto commit = next_commit();
        commit.workflows = {with_only(workflow, {0})};
        return commit;
    }
    TaskQueue& north() { return world_.stores.task_queue(); }
    TaskQueue& south() { return world_.south->task_queue(); }
    static std::vector<AttemptRef> placeable(TaskQueue& queue) { return all(*queue.placeable_after({}, 100)); }
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
    EXPECT_EQ(placeable(north()), (std::vector{queued[0], queued[1]}));
    EXPECT_EQ(placeable(south()), (std::vector{queued[2], queued[3]}));
    EXPECT_EQ(all(*south().placeable_after(place_of(north().queued(100)->front()), 1)), (std::vector{queued[2]}));
    EXPECT_EQ(all(*south().queued(100)), queued) << "people see all that waits";
    EXPECT_EQ(*north().claim({queued[0]}), (std::vector{queued[0]})) << "one's own claims hold";
    EXPECT_TRUE(south().claim({{{"nobody"}, 0, 1}})->empty());
}

TEST_F(SeveralServers, AreOneInstallation) { sql::expect_one_installation(world_.stores); }

TEST_F(SeveralServers, OfTwoThatBeginAtOnceOneIsFirst) {
    Other other(world_.target);
    other.say("INSERT INTO installation (one, id, made_at) VALUES (1, 'theirs', 1)");
    std::thread second([&] {
        const auto begun = world_.south->installation().begin("ours");
        ASSERT_TRUE(begun.ok()) << begun.error().message;
        EXPECT_EQ(begun->id, "theirs");
    });
    other.waits_until_somebody_waits();
    other.say("COMMIT");
    second.join();
    other.say("BEGIN; UPDATE installation SET secrets_key = 'their-key' WHERE secrets_key = ''");
    std::thread key([&] {
        const auto agreed = world_.south->installation().agree_on_key("our-key");
        ASSERT_TRUE(agreed.ok()) << agreed.error().message;
        EXPECT_EQ(*agreed, "their-key");
    });
    other.waits_until_somebody_waits();
    other.say("COMMIT");
    key.join();
    other.say("BEGIN; UPDATE installation SET has_objects = 1");
    std::thread mark([&] {
        bool elsewhere = false;
        const auto marked = world_.south->installation().mark_objects([&](const auto& known) {
            elsewhere = known.has_objects;
            return Result<void>();
        });
        ASSERT_TRUE(marked.ok()) << marked.error().message;
        EXPECT_TRUE(elsewhere) << "two would each mark their own";
    });
    other.waits_until_somebody_waits();
    other.say("COMMIT");
    mark.join();
}

TEST_F(SeveralServers, ATaskThatIsQueuedAgainIsEverybodysAgain) {
    auto workflow = make_workflow({"build"});
    const auto queued = all(*north().queued(100));
    ASSERT_EQ(north().claim(queued)->size(), 2U);
    place(workflow, 0, 0);
    store(workflow, {0});
    EXPECT_EQ(placeable(north()).size(), 1U);
    workflow = load(workflow.id);
    finish_attempt(workflow, 0, 0, InfrastructureFailed{"gone", true});
    workflow.jobs[0].tasks[0].status = TaskStatus::queued;
    store(workflow, {0});
    EXPECT_EQ(placeable(south()).size(), 1U);
}

TEST_F(SeveralServers, WhoWaitsForOneWorkflowHasNotChangedTheNextYet) {
    const auto pipeline = make_pipeline(make_project());
    auto first = make_workflow(pipeline, {"a"});
    auto second = make_workflow(pipeline, {"a"});
    std::vector<Commit> commits;
    for (auto* workflow : {&second, &first}) commits.push_back(changed(*workflow));
    Other other(world_.target);
    other.say("SELECT 1 FROM workflows WHERE id = '" + first.id.text + "' FOR UPDATE");
    std::thread batch([&] { EXPECT_EQ(*world_.stores.workflow_store().commit_all(commits), 2U); });
    other.waits_until_somebody_waits();
    other.say("SELECT 1 FROM workflows WHERE id = '" + second.id.text + "' FOR UPDATE; ROLLBACK");
    batch.join();
    EXPECT_EQ(load(first.id).version, first.version + 1);
    EXPECT_EQ(load(second.id).version, second.version + 1);
}

TEST_F(SeveralServers, WhoWaitsForOneSerialGroupHasNotTakenTheNextYet) {
    const auto workflow = make_workflow({"a"});
    std::vector<Commit> commits;
    for (const char* group : {"git:b", "git:a"}) {
        commits.push_back(next_commit());
        commits.back().holds = {{group, "somebody", workflow.id, workflow.jobs[0].id}};
    }
    const auto take = [&](const std::string& group) {
        return "INSERT INTO serial_holds VALUES ('" + group + "', 'other', '" + workflow.id.text + "', '" +
               workflow.jobs[0].id.text + "')";
    };
    Other other(world_.target);
    other.say(take("git:a"));
    std::thread batch([&] { EXPECT_EQ(*world_.stores.workflow_store().commit_all(commits), 2U); });
    other.waits_until_somebody_waits();
    other.say(take("git:b") + "; ROLLBACK");
    batch.join();
    EXPECT_EQ(world_.stores.workflow_store().serial_holds()->size(), 2U);
}

TEST_F(SeveralServers, BatchesInOppositeOrdersAreBothStored) {
    const auto pipeline = make_pipeline(make_project());
    auto first = make_workflow(pipeline, {"a"});
    auto second = make_workflow(pipeline, {"a"});
    for (int round = 0; round < 20; ++round) {
        std::vector<Commit> there{changed(first), changed(second)};
        std::vector<Commit> back{changed(second), changed(first)};
        std::atomic<std::size_t> stored = 0;
        in_threads(2, [&](int number) {
            auto& store = number == 0 ? world_.stores.workflow_store() : world_.south->workflow_store();
            const auto done = store.commit_all(number == 0 ? there : back);
            ASSERT_TRUE(done.ok()) << done.error().message;
            stored += *done;
        });
        EXPECT_EQ(stored, 2U) << "the other finds that they have changed";
        first = load(first.id);
        second = load(second.id);
    }
}

TEST_F(SeveralServers, ALimitIsKeptWithAsManyQuestionsHoweverManyJobsThereAre) {
    const auto workflow = make_workflow({"a", "b", "c", "d", "e", "f", "g", "h"});
    ASSERT_TRUE(world_.stores.queue_rules().set_project(workflow.project, {.most_tasks = 100}).ok());
    const auto connections = postgres::Connections::open(world_.target).value();
    const auto questions_for = [&](const std::vector<AttemptRef>& wanted) {
        return *connections->write([&](sql::Database& database) -> Result<int> {
            Counting counting(database);
            GYRE_TRY_ASSIGN(const auto within, sql::within_limits(counting, "north", wanted));
            EXPECT_EQ(within, wanted);
            return counting.questions();
        });
    };
    EXPECT_EQ(questions_for(all(*north().queued(100))), questions_for({attempt_of(workflow, 0)}));
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

TEST_F(SeveralServers, OfManyWhoMakeTheFirstTokenOneDoes) {
    std::vector<std::unique_ptr<sql::Stores>> servers;
    for (int number = 0; number < 6; ++number) servers.push_back(world_.open("server-" + std::to_string(number)));
    std::atomic<int> shown = 0;
    std::atomic<int> made = 0;
    in_threads(6, [&](int number) {
        auto& tokens = servers[static_cast<std::size_t>(number)]->token_store();
        const auto first = tokens.add_first("hash of " + std::to_string(number), {"first", "admin", {}}, [&] {
            ++shown;
            return Result<void>();
        });
        ASSERT_TRUE(first.ok()) << first.error().message;
        if (*first) ++made;
    });
    EXPECT_EQ(shown, 1);
    EXPECT_EQ(made, 1);
}

TEST_F(SeveralServers, AFirstTokenThatNobodyReadsYetHoldsUpNobody) {
    sql::expect_writes_while_the_first_token_is_shown(*world_.south);
}

TEST_F(SeveralServers, AFirstTokenThatCannotBeShownIsNotMade) {
    auto& tokens = world_.stores.token_store();
    const auto closed = [] { return Result<void>(unavailable("nobody reads")); };
    EXPECT_FALSE(tokens.add_first("hash", {"first", "admin", {}}, closed).ok());
    EXPECT_TRUE(*tokens.empty());
}

TEST_F(SeveralServers, OfTwoVariablesThatReachTheLimitOneIsRefused) {
    ASSERT_TRUE(world_.stores.project_store().add({.id = {"shop"}, .slug = "git/shop", .remote = "/shop"}).ok());
    Other other(world_.target);
    other.say("UPDATE projects SET id = id WHERE id = 'shop'");
    other.say(
        "INSERT INTO secrets (kind, owner_id, name, project_id, key_name, sealed, created_at, updated_at)"
        " VALUES ('project_variable', 'shop', 'THEIRS', 'shop', 'key', 'sealed', 1, 1)");
    std::thread second([&] {
        const StoredSecret ours{{SecretKind::project_variable, "shop", "OURS"}, "key", "sealed", {}, {}};
        expect_fault(world_.south->secret_store().put(ours, 1), Fault::too_large);
    });
    other.waits_until_somebody_waits();
    other.say("COMMIT");
    second.join();
}

TEST_F(SeveralServers, OfTwoLoginsThatReachTheLimitOneIsRefused) {
    for (const std::string name : {"shop", "tool"})
        ASSERT_TRUE(
            world_.stores.project_store().add({.id = {name}, .slug = "git/" + name, .remote = "/" + name}).ok());
    Other other(world_.target);
    other.say("UPDATE projects SET id = id WHERE id = 'shop'");
    other.say(
        "INSERT INTO secrets (kind, owner_id, name, key_name, sealed, created_at, updated_at)"
        " VALUES ('registry_login', 'git', 'theirs.org', 'key', 'sealed', 1, 1)");
    std::thread second([&] {
        const StoredSecret ours{{SecretKind::registry_login, "git", "ours.org"}, "key", "sealed", {}, {}};
        expect_fault(world_.south->secret_store().put(ours, 1), Fault::too_large);
    });
    other.waits_until_somebody_waits();
    other.say("COMMIT");
    second.join();
}

TEST_F(SeveralServers, OfTwoContextsThatReachTheLimitOneIsRefused) {
    Other other(world_.target);
    other.say(
        "LOCK TABLE contexts IN SHARE UPDATE EXCLUSIVE MODE;"
        "INSERT INTO contexts (id, organization, name, created_at)"
        " SELECT 'c' || n, 'git', 'n' || n, 1 FROM generate_series(1, " +
        std::to_string(most_contexts) + ") n");
    std::thread second([&] {
        expect_fault(world_.south->context_store().add({{"ours"}, "git", "ours", {}}), Fault::too_large);
    });
    other.waits_until_somebody_waits();
    other.say("COMMIT");
    second.join();
}

TEST_F(SeveralServers, WhoSaysThatItLivesIsSeenToHaveSaidSo) {
    auto& servers = world_.stores.servers();
    ASSERT_TRUE(servers.arrive("north", "k1").ok());
    ASSERT_TRUE(servers.say_alive("south", "k2").ok());
    const auto all = *servers.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "north");
    EXPECT_EQ(all[0].signing_key, "k1");
    EXPECT_EQ(all[1].signing_key, "k2");
    const auto after = [&] { return (*servers.all())[0].seen_at; };
    while (after() == all[0].seen_at) ASSERT_TRUE(servers.say_alive("north").ok());
    EXPECT_EQ((*servers.all())[1].seen_at, all[1].seen_at) << "who says nothing";
    ASSERT_TRUE(servers.forget("north").ok());
    EXPECT_EQ(servers.all()->size(), 1U);
    ASSERT_TRUE(servers.say_alive("north").ok()) << "who was taken for dead arrives anew";
    EXPECT_EQ(servers.all()->size(), 2U);
    ASSERT_TRUE(servers.arrive("south", "k1").ok());
    EXPECT_EQ((*servers.all())[1].signing_key, "k1") << "which was put right";
}

}  // namespace
}  // namespace gyre::contract
