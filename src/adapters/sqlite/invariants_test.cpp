// What the schema refuses, whoever asks: a bug above must not become a lie in the database.

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

class Invariants : public StoresContract<SqliteWorld> {
protected:
    void expect_refused(Workflow workflow, Fault fault) {
        auto commit = next_commit();
        commit.workflows = {with_only(workflow, {0})};
        expect_fault(world_.stores.workflow_store().commit(commit), fault);
    }
};

TEST_F(Invariants, ATaskHasOneLiveAttempt) {
    auto workflow = make_workflow({"build"});
    place(workflow, 0, 0);
    place(workflow, 0, 0);
    expect_refused(workflow, Fault::conflict);
}

TEST_F(Invariants, ARunningAttemptHasAToken) {
    auto workflow = make_workflow({"build"});
    place(workflow, 0, 0);
    claim(workflow, 0, 0);
    workflow.jobs[0].tasks[0].attempts[0].token_hash = "";
    expect_refused(workflow, Fault::invalid);
}

TEST_F(Invariants, AnAttemptHasAnOutcomeExactlyWhenItIsFinished) {
    auto workflow = make_workflow({"build"});
    place(workflow, 0, 0);
    workflow.jobs[0].tasks[0].attempts[0].outcome = Succeeded{};
    expect_refused(workflow, Fault::invalid);
    workflow.jobs[0].tasks[0].attempts[0] = {.state = AttemptState::finished};
    expect_refused(workflow, Fault::invalid);
}

TEST_F(Invariants, WhatHasEndedHasATimeOfItsEnd) {
    auto workflow = make_workflow({"build"});
    workflow.status = WorkflowStatus::success;
    expect_refused(workflow, Fault::invalid);
    workflow.status = WorkflowStatus::running;
    workflow.jobs[0].status = JobStatus::failed;
    expect_refused(workflow, Fault::invalid);
}

TEST_F(Invariants, ABuildNumberIsGivenOnce) {
    const auto pipeline = make_pipeline(make_project());
    const auto first = make_workflow(pipeline, {"build"});
    auto second = new_workflow(pipeline, {"build"});
    second.jobs[0].number = first.jobs[0].number;
    expect_refused(second, Fault::conflict);
}

TEST_F(Invariants, ThingsBelongToThingsThatExist) {
    expect_fault(world_.stores.workflow_store().reserve({"no project"}, true, 1), Fault::invalid);
    auto workflow = new_workflow(make_pipeline(make_project()), {"build"});
    workflow.pipeline = {"no pipeline"};
    expect_refused(workflow, Fault::invalid);
    expect_fault(world_.stores.run_records().save_steps({{"no job"}, 0, 1}, {{.index = 101}}), Fault::invalid);
}

}  // namespace
}  // namespace gyre::contract
