// What SQLite acknowledged survives `kill -9` of the process, whole: event, state and outbox together.

#include "ports/contract/crash.h"

#include <gtest/gtest.h>

#include "adapters/sqlite/stores.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::contract {
namespace {

struct SqliteWorld {
    TempFolder folder;
    std::unique_ptr<sql::Stores> owned = sqlite::open_sqlite(folder.path() / "gyre.db").value();
    sql::Stores& stores = *owned;
};

class SqliteCrash : public StoresContract<SqliteWorld> {
protected:
    // The change of that number: the task's attempts go round, and one effect is told.
    static Commit change(Workflow& workflow, int number) {
        auto& job = workflow.jobs[0];
        if (job.tasks[0].status == TaskStatus::queued) {
            place(workflow, 0, 0);
        } else {
            finish_attempt(workflow, 0, 0, InfrastructureFailed{"again", true});
            job.tasks[0].status = TaskStatus::queued;
        }
        Commit commit{.event = {"change-" + std::to_string(number)}, .kind = "test", .at = at(number)};
        commit.workflows = {with_only(workflow, {0})};
        commit.effects = {StopAttempt{attempt_of(workflow, 0), std::to_string(number)}};
        ++workflow.version;
        return commit;
    }
};

TEST_F(SqliteCrash, EveryAcknowledgedCommitIsThereWholeAfterAKill) {
    const auto made = make_workflow({"build"});
    const auto file = world_.folder.path() / "gyre.db";
    world_.owned.reset();  // a connection must not cross a fork
    auto child = std::shared_ptr<sql::Stores>();
    auto workflow = made;
    const int acknowledged = acknowledged_until_killed(150, [&](int number) {
        if (!child) child = sqlite::open_sqlite(file).value();
        return child->workflow_store().commit(change(workflow, number)).ok();
    });
    ASSERT_GE(acknowledged, 150);

    const auto stores = sqlite::open_sqlite(file).value();
    const auto stored = *stores->workflow_store().load(made.id);
    const auto changes = static_cast<int>(stored.version - made.version);
    EXPECT_GE(changes, acknowledged);
    EXPECT_LE(changes, acknowledged + 1) << "at most one commit had no time to be acknowledged";
    auto replayed = made;
    for (int number = 1; number <= changes; ++number) change(replayed, number);
    EXPECT_EQ(stored, replayed);
    EXPECT_EQ(std::ssize(*stores->outbox().pending(100'000)), changes);
    auto repeated = made;
    EXPECT_EQ(*stores->workflow_store().commit(change(repeated, acknowledged)), Committed::duplicate);
}

}  // namespace
}  // namespace gyre::contract
