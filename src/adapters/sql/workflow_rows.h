#pragma once

// A workflow as rows: workflows, jobs, tasks, attempts. Called inside a transaction.

#include "adapters/sql/database.h"
#include "model/workflow.h"
#include "ports/workflow_store.h"

namespace gyre::sql {

// Writes the workflow's own row and its changed jobs (all jobs of a new workflow). `conflict` if another version is
// stored than the one it was loaded as.
Result<void> write_workflow(Database& database, const Workflow& workflow);

Result<Workflow> read_workflow(Database& database, const WorkflowId& id);

}  // namespace gyre::sql
