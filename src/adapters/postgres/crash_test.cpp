// PostgreSQL crashes and comes back while its servers live on and remember what they wrote. What their next writes
// build on must still be there: else a version or a number is given a second time, and two mean different things by it.

#include "adapters/postgres/test_world.h"
#include "ports/contract/examples.h"

namespace gyre::contract {
namespace {

struct TwoServers {
    postgres::Target target{postgres::migrated_database(), "the test's database"};
    std::unique_ptr<sql::Stores> owned = postgres::open_postgres(target, {.server = "north"}).value();
    std::unique_ptr<sql::Stores> other = postgres::open_postgres(target, {.server = "south"}).value();
    sql::Stores& stores = *owned;
};

class PostgresCrash : public StoresContract<TwoServers> {
protected:
    sql::Stores& north() { return *world_.owned; }
    sql::Stores& south() { return *world_.other; }

    // Loses whatever `act` did not wait for.
    template <typename Act>
    static void crash_after(Act act) {
        postgres::test_server().hold_writers();
        act();
        postgres::test_server().crash();
        postgres::test_server().start();
    }
};

TEST_F(PostgresCrash, TakesBackWhatMayBeDoneAgain) {
    auto commit = next_commit();
    commit.effects = {JobEnded{{"w"}, {"j"}, JobStatus::success}};
    this->commit(commit);
    crash_after([&] {
        const auto pending = *north().outbox().pending(10);
        ASSERT_EQ(pending.size(), 1U);
        ASSERT_TRUE(north().outbox().done({pending[0].id}).ok());
    });
    EXPECT_EQ(south().outbox().pending(10)->size(), 1U) << "else the other tests here show nothing";
}

TEST_F(PostgresCrash, LeavesAPlacementThatItsServerRemembers) {
    auto remembered = make_workflow({"build", "test"});
    crash_after([&] {
        place(remembered, 0, 0, "north");
        Commit commit = next_commit();
        commit.workflows = {with_only(remembered, {0})};
        commit.durable = Durable::with_the_next;
        ASSERT_EQ(this->commit(commit), Committed::stored);
        ++remembered.version;
    });
    auto loaded = *south().workflow_store().load(remembered.id);
    EXPECT_EQ(loaded, remembered);
    place(loaded, 1, 0, "south");
    Commit by_south = next_commit();
    by_south.workflows = {with_only(loaded, {1})};
    ASSERT_EQ(*south().workflow_store().commit(by_south), Committed::stored);
    claim(remembered, 0, 0);
    Commit by_north = next_commit();
    by_north.workflows = {with_only(remembered, {0})};
    expect_fault(north().workflow_store().commit(by_north), Fault::conflict);
    ++loaded.version;
    EXPECT_EQ(load(remembered.id), loaded) << "what the one knows nothing of is not mixed with what the other wrote";
}

TEST_F(PostgresCrash, LeavesNumbersThatWereGivenOut) {
    const auto project = make_project();
    Numbers given;
    crash_after([&] { given = *north().workflow_store().reserve(project.id, true, 3); });
    const auto next = *south().workflow_store().reserve(project.id, true, 1);
    EXPECT_EQ(next.pipeline, given.pipeline + 1);
    EXPECT_EQ(next.first_build, given.first_build + 3);
}

// Its number names its trigger: another push of that number would be taken for the same.
TEST_F(PostgresCrash, LeavesAPushWhosePipelineIsMadeNext) {
    const auto project = make_project();
    const std::string revision(40, 'a');
    crash_after([&] {
        PushChange change{.project = project.id, .ref = "refs/heads/main", .revision = revision};
        change.pushes = {{.project = project.id, .ref = change.ref, .after = revision, .counted = true}};
        ASSERT_EQ(*north().push_store().commit(change), true);
    });
    EXPECT_EQ(*south().push_store().newest(project.id), 1);
    EXPECT_EQ(south().push_store().trail(project.id, "refs/heads/main", "")->revision, revision);
}

TEST_F(PostgresCrash, LeavesTheLastStepsOfAnAttemptThatEndsNext) {
    auto workflow = make_workflow({"build"});
    place(workflow, 0, 0);
    store(workflow, {0});
    const auto attempt = attempt_of(workflow, 0);
    const std::vector<StepRecord> steps{{.index = 0, .name = "Build", .status = StepStatus::success}};
    crash_after([&] { ASSERT_TRUE(north().run_records().save_steps(attempt, steps, Durable::with_the_next).ok()); });
    EXPECT_EQ(south().run_records().steps(attempt)->size(), 1U);
}

}  // namespace
}  // namespace gyre::contract
