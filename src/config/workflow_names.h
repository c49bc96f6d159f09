#pragma once

// The names of a workflow's jobs, and what `requires` means by them.
//
// A job used several times without `name` gets the suffixes -1, -2, ... in the order of the workflow. `requires: [job]`
// then means all of its copies; within one of the copies, those written before it. The copies of a matrix are required
// together by the job's name, or the matrix's alias.

#include "config/graph.h"
#include "config/workflow_job.h"

namespace gyre::config {

// Gives each draft its final name. Reports names that occur twice.
void name_drafts(Context& context, std::vector<Draft>& drafts);

// Call after name_drafts. Unknown names and cycles are reported; with either the edges are of no use.
Edges resolve_requires(Context& context, std::vector<Draft>& drafts);

}  // namespace gyre::config
