#pragma once

// `workflows`: which jobs run for this trigger, under which names and in which order.

#include "config/graph.h"
#include "config/workflow_group.h"

namespace gyre::config {

struct Schedule {
    std::string cron;
    RefFilter branches;
};

// A workflow as written, names resolved, before filters are applied.
struct WorkflowDraft {
    std::string name;
    std::vector<Draft> jobs;  // those of a job group stand together
    std::vector<GroupDraft> groups;
    Edges edges;  // by positions in `jobs`: what each requires
    std::vector<Schedule> schedules;
    int max_auto_reruns = 0;
    bool complete = true;    // false: its jobs could not be read, which has been reported
    bool runs = true;        // false: its condition does not hold
    bool scheduled = false;  // has `triggers`: a push does not start it
};

// All workflows; with no `workflows` in the config, or an empty one, one named "workflow" with the job `build`. Nothing
// but its `version` in it means none at all. `workflows` may be null; `root` is the whole config, for complaints about
// what is missing.
std::vector<WorkflowDraft> read_workflows(Context& context, Value root, Value workflows, Jobs& jobs);

// What of them runs for the trigger. Jobs enter the plan when something that runs uses them. After errors the plan is
// of no use.
Plan plan_workflows(Context& context, std::vector<WorkflowDraft> workflows, Jobs& jobs);

// `triggers` of a workflow.
std::vector<Schedule> read_triggers(Context& context, Value triggers);

// Which workflows are to run when on the branch of this compile, whether or not their conditions hold now.
std::vector<PlannedSchedule> plan_schedules(Context& context, const std::vector<WorkflowDraft>& workflows);

}  // namespace gyre::config
