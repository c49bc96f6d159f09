#pragma once

// `job-groups`: jobs that workflows use as one (docs/decisions/0029). Each has a list of jobs like a workflow's, within
// which `requires` means the others of the group; a workflow has an entry for the group as a whole.

#include "config/workflow_job.h"

namespace gyre::config {

struct WorkflowDraft;

// A use of a job group by a workflow. Its jobs are among those of the workflow.
struct GroupDraft {
    Value at;                           // the group's name in the entry
    std::string definition;             // its name in `job-groups`
    std::string name;                   // in the workflow
    Value name_at;                      // null: not written
    std::vector<Requirement> required;  // what those of its jobs wait for that wait for none of the group
    Filters filters;
    std::string serial_group;
};

// `job-groups` of the config. In version 2, where the key may mean anything, only what is of this form is taken.
void read_groups(Context& context, Value root, Elements& elements);

// An entry of a workflow's `jobs`: a job or a job group.
void read_workflow_entry(Context& context, Value entry, Jobs& jobs, WorkflowDraft& workflow);

// Reads a job group that no workflow uses, for its mistakes.
void check_group(Context& context, JobGroup& group, Jobs& jobs);

// What all must let a job pass for it to run: its own filters, and those of its group. One without filters says nothing
// where the other has some.
std::vector<const Filters*> filters_of(const WorkflowDraft& workflow, const Draft& draft);

}  // namespace gyre::config
