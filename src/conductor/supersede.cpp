#include "conductor/supersede.h"

namespace gyre::conductor {

bool takes_part_in_auto_cancel(const Trigger& trigger, const Project& project) {
    const bool asked = trigger.kind == TriggerKind::webhook || trigger.kind == TriggerKind::api;
    return project.auto_cancel && asked && !trigger.branch.empty() && trigger.branch != project.default_branch;
}

bool may_be_superseded(const Workflow& workflow) {
    return !is_terminal(workflow.status) && (!workflow.rerun_of || workflow.auto_reruns > 0);
}

}  // namespace gyre::conductor
