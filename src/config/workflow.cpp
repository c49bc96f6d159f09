#include "config/workflow.h"

#include <algorithm>

#include "config/fields.h"
#include "config/logic.h"
#include "config/nearest.h"
#include "config/nesting.h"
#include "config/workflow_names.h"

namespace gyre::config {
namespace {

constexpr int most_auto_reruns = 5;

// `when` or `unless`; a condition that was reported counts as one that holds.
bool read_runs(Context& context, Value body, const Fields& fields) {
    if (!body.is(NodeKind::mapping)) return true;
    const Entry* when = body->find("when");
    const Entry* unless = body->find("unless");
    if (when != nullptr && unless != nullptr && context.version == Version::v2_1) {
        context.report({.code = Code::several_conditions,
                        .at = fields.key("unless") ? fields.key("unless") : body,
                        .message = "a workflow has either 'when' or 'unless', not both",
                        .expected = "one condition; 'and' and 'not' combine several"});
        return true;
    }
    const Entry* entry = when != nullptr ? when : unless;
    if (entry == nullptr || context.version == Version::v2) return true;
    const auto holds = read_condition(context, context.value_of(body, *entry), true);
    return !holds || *holds == (when != nullptr);
}

WorkflowDraft read_workflow(Context& context, Value key, Value body, Jobs& jobs) {
    const Fields fields(context, body, keys::workflow, key);
    WorkflowDraft workflow{.name = key->text};
    const Value list = fields.get("jobs");
    workflow.complete = list || !fields.mentions("jobs");
    if (list && list->items.empty()) {
        context.warn({.code = Code::bad_value, .at = list, .message = "the workflow has no jobs and never runs"});
    }
    workflow.runs = read_runs(context, body, fields);
    workflow.max_auto_reruns = fields.integer("max_auto_reruns", 1, most_auto_reruns).value_or(0);
    workflow.schedules = read_triggers(context, fields.get("triggers"));
    workflow.scheduled = fields.mentions("triggers");
    const Unreached unreached(context, !workflow.runs);
    const std::vector<Value> entries = context.items(list);
    workflow.jobs.reserve(entries.size());
    for (const Value entry : entries) {
        if (context.is_exhausted()) break;
        read_workflow_entry(context, entry, jobs, workflow);
    }
    name_drafts(context, workflow);
    workflow.edges = resolve_requires(context, workflow);
    return workflow;
}

// What is there, but is no mapping, has been reported.
bool is_unreadable(Value root, std::string_view section) {
    const Entry* entry = root->find(section);
    return entry != nullptr && entry->value.node->kind != NodeKind::mapping &&
           entry->value.node->kind != NodeKind::null;
}

void report_no_build(Context& context, Value root) {
    if (is_unreadable(root, "jobs") || is_unreadable(root, "workflows")) return;
    const auto& defined = root.scope->elements->jobs;
    Problem problem{.code = Code::missing_build_job,
                    .at = defined.empty() ? root : defined.begin()->second.key,
                    .message = "without 'workflows' the job 'build' runs, and there is none",
                    .expected = "a job named 'build', or a workflow that names the jobs to run"};
    for (const Entry& entry : root->entries) {
        const std::string meant = nearest(entry.key->text, {"workflows", "jobs"});
        if (meant.empty() || root->find(meant) != nullptr) continue;
        problem.at = context.key_of(root, entry);
        problem.suggestion = meant;
    }
    context.report(std::move(problem));
}

std::vector<WorkflowDraft> read_build(Context& context, Jobs& jobs, Value root) {
    auto& defined = root.scope->elements->jobs;
    const auto build = defined.find("build");
    if (build == defined.end()) {
        report_no_build(context, root);
        return {};
    }
    Draft draft{.at = build->second.key, .job = "build", .name = "build"};
    draft.made = jobs.make({.element = &build->second, .call = {build->second.key, {}}});
    const MadeJob& made = jobs.at(draft.made);
    draft.type = made.type;
    if (made.branches) draft.filters.branches = read_ref_filter(context, made.branches);
    WorkflowDraft workflow{.name = "workflow", .edges = {{}}};
    workflow.jobs.push_back(std::move(draft));
    std::vector<WorkflowDraft> workflows;
    workflows.push_back(std::move(workflow));
    return workflows;
}

int planned_index(Plan& plan, MadeJob& job) {
    if (job.planned < 0) {
        job.planned = static_cast<int>(plan.jobs.size());
        plan.jobs.push_back(std::move(job.spec));
    }
    return job.planned;
}

PlannedJob plan_job(const WorkflowDraft& workflow, Draft& draft, const std::vector<std::size_t>& required) {
    const std::vector<Draft>& drafts = workflow.jobs;
    PlannedJob job{.name = draft.name, .type = draft.type};
    for (const std::size_t other : required) {
        job.requires_.push_back(drafts[other].name);
        const auto statuses = draft.statuses.find(other);
        if (statuses != draft.statuses.end()) job.required_statuses.push_back({drafts[other].name, statuses->second});
    }
    job.contexts = std::move(draft.contexts);
    job.serial_group = std::move(draft.serial_group);
    if (draft.job_group < 0) return job;
    const GroupDraft& group = workflow.groups[static_cast<std::size_t>(draft.job_group)];
    job.serial_group = group.serial_group;
    job.job_group = group.name;
    return job;
}

bool passes(Context& context, const WorkflowDraft& workflow, const Draft& draft) {
    const auto all = filters_of(workflow, draft);
    return std::all_of(all.begin(), all.end(), [&](const Filters* one) { return config::passes(context, *one); });
}

void plan_workflow(Context& context, WorkflowDraft workflow, Jobs& jobs, Plan& plan) {
    std::vector<bool> runs;
    runs.reserve(workflow.jobs.size());
    for (const Draft& draft : workflow.jobs) runs.push_back(passes(context, workflow, draft));
    drop_filtered(workflow.edges, runs);
    PlannedWorkflow planned{.name = workflow.name, .max_auto_reruns = workflow.max_auto_reruns};
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
        Draft& draft = workflow.jobs[i];
        if (!runs[i] || !draft.available) continue;
        PlannedJob& job = planned.jobs.emplace_back(plan_job(workflow, draft, workflow.edges[i]));
        if (draft.type != JobType::build) continue;
        MadeJob& made = jobs.at(draft.made);
        job.unavailable = made.unavailable;
        job.spec = planned_index(plan, made);
    }
    if (!planned.jobs.empty()) plan.workflows.push_back(std::move(planned));
}

}  // namespace

std::vector<WorkflowDraft> read_workflows(Context& context, Value root, Value workflows, Jobs& jobs) {
    std::vector<WorkflowDraft> drafts;
    const bool any = workflows && !workflows->entries.empty();
    if (any) {
        for (const Entry& entry : workflows->entries) {
            if (entry.key->text == "version") continue;
            const Value body = context.value_of(workflows, entry);
            if (body) drafts.push_back(read_workflow(context, context.key_of(workflows, entry), body, jobs));
        }
    }
    if (any && workflows->entries.size() == 1 && workflows->find("version") != nullptr) {
        context.warn({.code = Code::bad_value,
                      .at = workflows,
                      .message = "there is no workflow here, so nothing runs",
                      .expected = "a workflow beside 'version', or no 'workflows': then the job 'build' runs"});
    }
    return any ? std::move(drafts) : read_build(context, jobs, root);
}

Plan plan_workflows(Context& context, std::vector<WorkflowDraft> workflows, Jobs& jobs) {
    Plan plan;
    plan.schedules = plan_schedules(context, workflows);
    for (WorkflowDraft& workflow : workflows) {
        const bool wanted = !workflow.scheduled || workflow.name == context.input().workflow;
        if (workflow.runs && wanted) plan_workflow(context, std::move(workflow), jobs, plan);
    }
    return plan;
}

}  // namespace gyre::config
