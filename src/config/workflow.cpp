#include "config/workflow.h"

#include "config/fields.h"
#include "config/workflow_names.h"

namespace gyre::config {
namespace {

// Jobs enter the plan when something that runs uses them.
int planned_index(Plan& plan, ReadJob& job) {
    if (job.planned < 0) {
        job.planned = static_cast<int>(plan.jobs.size());
        plan.jobs.push_back(std::move(job.spec));
    }
    return job.planned;
}

void plan_drafts(Context& context, const std::string& name, std::vector<Draft> drafts, Jobs& jobs, Plan& plan) {
    name_drafts(context, drafts);
    Edges edges = resolve_requires(context, drafts);
    std::vector<bool> runs;
    runs.reserve(drafts.size());
    for (const Draft& draft : drafts) runs.push_back(passes(context, draft.filters));
    drop_filtered(edges, runs);
    PlannedWorkflow workflow{.name = name};
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        Draft& draft = drafts[i];
        if (!runs[i] || !draft.available) continue;
        PlannedJob& job = workflow.jobs.emplace_back();
        job.name = draft.name;
        job.type = draft.type;
        job.contexts = std::move(draft.contexts);
        for (const std::size_t required : edges[i]) job.requires_.push_back(drafts[required].name);
        if (draft.type == JobType::build) job.spec = planned_index(plan, *jobs.find(draft.job));
    }
    if (!workflow.jobs.empty()) plan.workflows.push_back(std::move(workflow));
}

void read_workflow(Context& context, Value key, Value body, Jobs& jobs, Plan& plan) {
    const Fields fields(context, body, keys::workflow, key);
    std::vector<Draft> drafts;
    const Value list = fields.get("jobs");
    if (list && list->items.empty()) {
        context.warn({.code = Code::bad_value, .at = list, .message = "the workflow has no jobs and never runs"});
    }
    for (const Value entry : context.items(list)) {
        if (auto draft = read_workflow_job(context, entry, jobs)) drafts.push_back(std::move(*draft));
    }
    check_triggers(context, fields.get("triggers"));
    if (fields.mentions("triggers")) {
        name_drafts(context, drafts);
        resolve_requires(context, drafts);  // checked like the others; a schedule does not run on a push
    } else {
        plan_drafts(context, key->text, std::move(drafts), jobs, plan);
    }
}

void plan_build(Context& context, Jobs& jobs, Plan& plan, Value root) {
    ReadJob* build = jobs.find("build");
    if (build == nullptr) {
        const bool others = !jobs.all().empty();
        return context.report({.code = Code::missing_build_job,
                               .at = others ? jobs.all().front().key : root,
                               .message = "without 'workflows' the job 'build' runs, and there is none",
                               .expected = "a job named 'build', or a workflow that names the jobs to run"});
    }
    build->used = true;
    Draft draft;
    draft.at = build->key;
    draft.job = "build";
    draft.type = build->type;
    if (build->branches) draft.filters.branches = read_ref_filter(context, build->branches);
    std::vector<Draft> drafts;
    drafts.push_back(std::move(draft));
    plan_drafts(context, "workflow", std::move(drafts), jobs, plan);
}

void warn_unused(Context& context, Jobs& jobs) {
    for (const ReadJob& job : jobs.all()) {
        if (job.used) continue;
        context.warn(
            {.code = Code::unused_job, .at = job.key, .message = "no workflow uses the job '" + job.key->text + "'"});
    }
}

}  // namespace

void plan_workflows(Context& context, Value root, Value workflows, Jobs& jobs, Plan& plan) {
    bool any = false;
    if (workflows) {
        for (const Entry& entry : workflows->entries) {
            if (entry.key->text == "version") continue;
            any = true;
            const Value body = context.value_of(workflows, entry);
            if (body) read_workflow(context, context.key_of(workflows, entry), body, jobs, plan);
        }
    }
    if (!any) plan_build(context, jobs, plan, root);
    warn_unused(context, jobs);
}

}  // namespace gyre::config
