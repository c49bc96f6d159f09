#pragma once

// The names of a workflow's jobs, and what `requires` means by them.
//
// A job used several times without `name` gets the suffixes -1, -2, ... in the order of the workflow. `requires: [job]`
// then means all of its copies; within one of the copies, those written before it. The copies of a matrix are required
// together by the job's name, or the matrix's alias.
//
// A job group is a place of its own: its jobs require each other by their names in it, and what the group requires is
// required by those of them that require none of the group. Others require the group, which means all of its jobs. In
// the workflow its jobs are called "group/job".

#include "config/graph.h"

namespace gyre::config {

class Context;
struct WorkflowDraft;

// Gives each draft its name, those of a job group the one within it. Reports names that occur twice.
void name_drafts(Context& context, WorkflowDraft& workflow);

// Call after name_drafts; afterwards each draft has its final name. Unknown names and cycles are reported; with either
// the edges are of no use.
Edges resolve_requires(Context& context, WorkflowDraft& workflow);

}  // namespace gyre::config
