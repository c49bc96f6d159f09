#pragma once

// A workflow as rows: workflows, jobs, tasks, attempts. Called inside a transaction.

#include <span>
#include <vector>

#include "adapters/sql/database.h"
#include "model/workflow.h"
#include "ports/workflow_store.h"

namespace gyre::sql {

// What commits of one transaction make of a workflow together: nobody sees the states in between. Borrows from them.
struct WorkflowChange {
    const Workflow* last;                  // its own row as the last of them has it
    std::int64_t version;                  // that it was loaded as; 0: it is new
    std::int64_t commits;                  // so much is added to it
    std::vector<const WorkflowJob*> jobs;  // those that change (all of a new one), each as the last of them has it
};

// Each stored workflow once, a new one apart from what follows it. `conflict`: a version does not follow the one
// before.
Result<std::vector<WorkflowChange>> changes_of(std::span<const Commit> commits);

// Waits until nobody else changes those of them that are stored, and keeps others from it until the transaction ends.
// All who change several call it first, and do not wait for each other in circles. Nothing to do in SQLite, where one
// writes.
Result<void> lock_workflows(Database& database, std::span<const WorkflowChange> changes);

// `conflict` if another version is stored than the one it was loaded as.
Result<void> write_workflow(Database& database, const WorkflowChange& change);

Result<Workflow> read_workflow(Database& database, const WorkflowId& id);
Result<Workflow> read_workflow_of(Database& database, const JobId& job);  // with this job alone

}  // namespace gyre::sql
