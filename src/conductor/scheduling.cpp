#include "conductor/scheduling.h"

#include <algorithm>

#include "conductor/skip.h"

namespace gyre::conductor {

std::optional<BranchSchedules> schedules_of(const Pipeline& pipeline) {
    const Trigger& trigger = pipeline.trigger;
    if (trigger.branch.empty() || trigger.kind == TriggerKind::local) return std::nullopt;
    if (pipeline.state == PipelineState::setup_pending || !why_skipped(trigger).empty()) return std::nullopt;
    const bool without_config = !pipeline.errors.empty() && pipeline.errors.front().type == "config-fetch";
    if (pipeline.state == PipelineState::errored && !without_config) return std::nullopt;
    return BranchSchedules{trigger.branch, pipeline.plan.schedules};
}

void keep_scheduled(Pipeline& pipeline, Plan& plan) {
    if (pipeline.trigger.kind != TriggerKind::schedule || plan.setup) return;
    const std::string& name = pipeline.trigger.only_workflow;
    const bool is_scheduled = std::any_of(plan.schedules.begin(), plan.schedules.end(),
                                          [&](const PlannedSchedule& one) { return one.workflow == name; });
    std::erase_if(plan.workflows, [&](const PlannedWorkflow& one) { return !is_scheduled || one.name != name; });
    if (!is_scheduled) pipeline.note = "The workflow '" + name + "' has no schedule on this branch any more.";
    if (is_scheduled && plan.workflows.empty())
        pipeline.note = "The workflow '" + name + "' has no jobs to run now: its condition or its filters say so.";
}

}  // namespace gyre::conductor
